#!/bin/sh
# Everything `make setup` does: uv, the locked dependencies, a browser. Quick when nothing changed.
set -eu
cd "$(dirname "$0")"

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: Python 3.11 or newer is needed; PYTHON=/path/to/python3.12 make setup names one" >&2
    exit 3
}

if [ ! -x .uv/bin/uv ]; then
    rm -rf .uv
    if ! "$python" -m venv .uv >/dev/null 2>&1; then
        # Debian keeps venv in a package of its own.
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || {
            echo "setup: this Python has no venv; install it: sudo apt-get install python3-venv" >&2
            exit 3
        }
        apt-get update -q >/dev/null && apt-get install -y -q python3-venv >/dev/null
        rm -rf .uv
        "$python" -m venv .uv
    fi
    .uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv==0.13.*'
fi

# Downloads of other Pythons are not wanted: the one that runs this is good enough. Compiled here once, every
# command starts two seconds sooner, also where Python may not write its own bytecode.
ocr=
if [ "${1:-}" = ocr ] || [ -x .venv/bin/rapidocr ]; then
    ocr="--extra ocr"
fi
# shellcheck disable=SC2086 # two words
UV_PYTHON_DOWNLOADS=never .uv/bin/uv sync --quiet --frozen --compile-bytecode --python .uv/bin/python $ocr

.venv/bin/python -m crawler.download.browser
