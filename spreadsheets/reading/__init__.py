"""Reading a file that somebody made in a spreadsheet into rows of texts. Pure: no database, nothing on the disk.

`open_book` is the door. What a file may hold is limited, because it comes from outside: sizes, rows, columns.
"""

from spreadsheets.reading.files import Book, Sheet, open_book
from spreadsheets.reading.limits import Unreadable

__all__ = ["Book", "Sheet", "Unreadable", "open_book"]
