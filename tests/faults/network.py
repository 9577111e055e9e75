"""A slow, stalling or cut network between two processes: a TCP proxy on the loopback interface."""

import asyncio
import contextlib
import threading


class Proxy:
    """Hands on what comes to `port`. `delay`: seconds that each piece takes; `stalled`: nothing gets through now."""

    def __init__(self, upstream: int):
        self.upstream, self.delay, self.stalled = upstream, 0.0, False
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._tasks: set[asyncio.Task] = set()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                await asyncio.sleep(self.delay)
                while self.stalled:
                    await asyncio.sleep(0.05)
                writer.write(piece)
                await writer.drain()
        finally:
            writer.close()
