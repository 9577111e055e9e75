"""What a browser says of itself, in words that people know their own devices by."""

from django.utils.translation import gettext as _

# The first that is named counts: Edge calls itself Chrome too, Chrome calls itself Safari, and Android Linux.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
}
BROWSERS |= {"CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac"}
SYSTEMS |= {"CrOS": "Chromebook", "Linux": "Linux"}


def device(user_agent: str) -> str:
    """ "Firefox på Windows"."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s på %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Ukendt browser")
