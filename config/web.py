"""gunicorn's thread worker, for clients that send or read slowly, by intent or over a poor line.

A thread serves one client. Whoever sends a byte now and then, as Slowloris does, would keep it for good, and a few of
them the whole site. So a request's head must be there within HEAD_SECONDS, however it is sent, and whoever then neither
sends nor takes a byte for SILENT_SECONDS is let go. A proxy in front of the site that reads whole requests before it
hands them on, as nginx does, keeps slow clients away from here altogether.
"""

import contextlib
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS, SILENT_SECONDS = 10, 30
_SILENT = struct.pack("ll", SILENT_SECONDS, 0)  # struct timeval


class Worker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._closers = ThreadPoolExecutor(8)
        self._heads: dict[TConn, float] = {}  # connections whose request's head is being read, and until when

    def handle(self, conn: TConn) -> Any:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):  # they hold for a blocking socket, which this is
            conn.sock.setsockopt(socket.SOL_SOCKET, option, _SILENT)
        self._heads[conn] = time.monotonic() + HEAD_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._heads.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        self._heads.pop(conn, None)
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)  # another request may follow
        else:
            self._closers.submit(self._hang_up, conn)

    def _hang_up(self, conn: TConn) -> None:
        with contextlib.suppress(OSError):
            conn.close(graceful=True)
        self.method_queue.defer(self._hung_up)

    def _hung_up(self) -> None:
        self.nr_conns -= 1  # counted in the main loop only

    def murder_pending(self) -> None:
        """Called by the main loop, each second at least."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._heads.items()):
            if now > until and self._heads.pop(conn, 0.0):
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)  # the thread that waits for it reads its end
