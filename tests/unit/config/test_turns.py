"""On SQLite each process answers one page at a time, and no slow sender holds the others up."""

import threading
from io import BytesIO

from django.http import HttpResponse
from django.test import RequestFactory

from config.turns import SMALL, OneAtATimeMiddleware


def test_two_pages_never_run_at_once():
    inside, most = 0, 0
    first_is_in, go_on = threading.Event(), threading.Event()

    def page(request):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        first_is_in.set()
        go_on.wait(0.2)
        inside -= 1
        return HttpResponse()

    answer = OneAtATimeMiddleware(page)
    threads = [threading.Thread(target=answer, args=[RequestFactory().post("/", {"a": "b"})]) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert first_is_in.wait(5)
    go_on.set()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_sends_slowly_or_much_is_waited_for_by_nobody():
    class Slow(BytesIO):
        def read(self, *args):
            assert not answer._turn.locked()
            return super().read(*args)

    answer = OneAtATimeMiddleware(lambda request: HttpResponse(str(answer._turn.locked())))
    small = RequestFactory().generic("POST", "/", b"a=b", "application/x-www-form-urlencoded")
    small._stream = Slow(b"a=b")
    assert answer(small).content == b"True"
    large = RequestFactory().generic("POST", "/", b"x" * (SMALL + 1))
    assert answer(large).content == b"False"
