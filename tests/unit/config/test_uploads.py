"""What is sent lies nowhere in clear on the disk, however large it is."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_no_upload_becomes_a_temporary_file(size):
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("list.csv", b"x" * size)})
    request.POST  # noqa: B018  # reads the body
    assert not [file for file in request.FILES.values() if hasattr(file, "temporary_file_path")]
