"""Error reports that never quote data: a traceback's variables, the posted form and an exception's
message can all hold a CPR number, so none of them is ever shown, not under DEBUG either."""

from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

HIDDEN = "(hidden: may hold personal data)"


class QuietFilter(SafeExceptionReporterFilter):
    """Hides every variable of every frame and every value of the request, whatever DEBUG says."""

    def is_active(self, request):
        return True

    def get_post_parameters(self, request):
        return {} if request is None else dict.fromkeys(request.POST, HIDDEN)

    def get_traceback_frame_variables(self, request, tb_frame):
        return []

    def get_safe_request_meta(self, request):
        return {}

    def get_safe_cookies(self, request):
        return {}


class QuietReporter(ExceptionReporter):
    """Shows which exception came from which line, and nothing of what it said."""

    def get_traceback_data(self):
        data = super().get_traceback_data()
        data["exception_value"] = HIDDEN
        data["user_str"] = ""
        data["request_GET_items"] = []
        data["request_FILES_items"] = []
        data["request_COOKIES_items"] = []
        data["unicode_hint"] = ""
        if data.get("template_info"):  # a failed lookup quotes the variable that it looked in
            data["template_info"]["message"] = HIDDEN
        for frame in data.get("frames", []):
            frame["exc_cause"] = type(frame["exc_cause"]).__name__ if frame.get("exc_cause") else None
        return data

    def get_traceback_frames(self):
        frames = super().get_traceback_frames()
        for frame in frames:
            frame["exc_cause"] = frame.get("exc_cause") and type(frame["exc_cause"])
        return frames
