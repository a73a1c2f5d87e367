"""Every Scrapy setting that differs from its default, and why; the environment at the end."""

import os

BOT_NAME = "gongkai"
# Portals may live elsewhere, too: modules on the path, separated by commas.
SPIDER_MODULES = ["spiders", *filter(None, os.environ.get("GONGKAI_SPIDERS", "").split(","))]

# Capture is ours and runs on asyncio alone; without a reactor one process can run many crawls.
TWISTED_REACTOR_ENABLED = False
DOWNLOAD_HANDLERS = {
    "http": "crawler.download.handler.CaptureHandler",
    "https": "crawler.download.handler.CaptureHandler",
    # A redirect to file:// or ftp:// must find no handler.
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 200 * 2**20  # a scanned yearbook may be large; bodies past 1 MiB wait on disk

# The frontier hands out what may be fetched now; Scrapy only carries it out.
SCHEDULER = "crawler.frontier.scheduler.LeaseScheduler"
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 32
DOWNLOAD_DELAY = 0
CONCURRENT_ITEMS = 4  # Scrapy starts this many tasks for every response

SPIDER_MIDDLEWARES = {
    "crawler.frontier.middleware.LeaseMiddleware": 100,
    # Status, depth, referer and URL length are the frontier's business.
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.download.middleware.CodingMiddleware": 590,  # instead of it, in its place
    "crawler.download.middleware.CharsetMiddleware": 500,
    "crawler.download.cookies.CookieMiddleware": 700,
    "crawler.frontier.fence.FenceMiddleware": 999,  # next to the downloader
}
# One lease is one exchange: whatever would fetch a second URL on its own is off.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_ENABLED = False
ROBOTSTXT_OBEY = False  # obeyed by the frontier, which fetches and archives robots.txt itself
COOKIES_ENABLED = False  # Scrapy's would ask the web which domains are public
HTTPPROXY_ENABLED = False

EXTENSIONS = {
    "crawler.summary.RunLog": 0,
    "crawler.download.exact.SelfTest": 0,  # no crawl where captures would not be exact
    "crawler.progress.Progress": 0,  # where the command says that a person is looking
    "crawler.metrics.Metrics": 0,  # where a port is named
}
ITEM_PIPELINES = {
    "pipelines.dedupe.DedupePipeline": 100,
    "pipelines.extract.ExtractPipeline": 200,
    "pipelines.parse.ParsePipeline": 300,
    "pipelines.store.StorePipeline": 400,
}

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}

TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # on by default since Scrapy 2.19: it runs Python sent to localhost
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "crawler.frontier.quiet.QuietLog"
STATS_DUMP = False

# What differs from machine to machine. `gongkai` sets the same names from its options.
GONGKAI_STORE = os.environ.get("GONGKAI_STORE", "archive/store")
GONGKAI_REDIS = os.environ.get("GONGKAI_REDIS", "")  # "": the embedded one, in the store
GONGKAI_CATALOGUE = os.environ.get("GONGKAI_CATALOGUE", "")  # "": SQLite in the store
GONGKAI_CONTACT = os.environ.get("GONGKAI_CONTACT", "")  # goes into the user agent
# Ways out of this machine: "cn=http://USER:PASSWORD@HOST:PORT …"; see crawler/egress.py.
GONGKAI_EGRESS = os.environ.get("GONGKAI_EGRESS", "")
# "22:00-06:00,12:00-13:00" (China): hours in which portals may be asked, instead of their own.
GONGKAI_WINDOWS = os.environ.get("GONGKAI_WINDOWS", "")
GONGKAI_BUDGET = os.environ.get("GONGKAI_BUDGET") or None  # most fetches of a group in a crawl
GONGKAI_SESSION_SECONDS = os.environ.get("GONGKAI_SESSION_SECONDS", "30")  # a life without beats
GONGKAI_REDIS_SECONDS = os.environ.get("GONGKAI_REDIS_SECONDS", "600")  # wait for a lost Redis
GONGKAI_IDLE_SECONDS = os.environ.get("GONGKAI_IDLE_SECONDS", "3600")  # wait for the next fetch
GONGKAI_WORLD = "live"
GONGKAI_REBUILD = False  # fill the frontier from the archive instead of fetching
GONGKAI_CONNECT_TO = ""
GONGKAI_AS_OF = ""
GONGKAI_CRAWL = ""  # "": named by date and time when the crawl starts
GONGKAI_CARRY = ""  # an earlier crawl, whose queue is taken over
GONGKAI_DELAY = None  # seconds; None: each portal's own
GONGKAI_LIMIT = 0  # fetches per portal; 0: no limit
GONGKAI_ONLY = ""  # a section
GONGKAI_METRICS = 0  # the port on loopback where Prometheus may ask; 0: none
GONGKAI_PROGRESS = False  # a live display on stderr

USER_AGENT = (
    f"gongkai/0.1 (archive of disclosure reports{'; ' if GONGKAI_CONTACT else ''}{GONGKAI_CONTACT})"
)
