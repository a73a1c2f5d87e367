"""A picture: how many pages it has. What stands on them, OCR says."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from pipelines.attachments.reading import Content


def read_image(body: bytes) -> Content:
    """A fax of several pages is one TIFF file; of any other picture the first frame counts."""
    try:
        with Image.open(BytesIO(body)) as image:
            frames = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        frames = 1  # whoever decodes it says what is wrong
    return Content("image", wants="ocr", pages=tuple(range(frames)))
