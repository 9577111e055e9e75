"""What a file may hold, and why it is refused."""

MOST_BYTES = 50 * 1024**2  # of the file as uploaded: an Excel workbook is held in memory while it is read
MOST_INFLATED = 1024**3  # of an Excel workbook's parts, unpacked
MOST_SMALL = 32 * 1024**2  # of the parts that say what there is, not what stands in the cells
MOST_DEEP, MOST_NAMES, MOST_TOKEN = (
    100,
    10_000,
    4 * 1024**2,
)  # of the XML: elements in each other, names, bytes of a tag
MOST_TEXTS = 32 * 1024**2  # characters of a workbook's shared texts, held in memory
MOST_ROWS = 150_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 1000  # of a cell; what is longer is cut, and too long for every column of the register


class Unreadable(Exception):
    """A file that can't be taken; `code` is put into words by `spreadsheets.wording`. Quotes nothing of the file."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
