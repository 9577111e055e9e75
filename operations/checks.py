"""Numbered checks (`manage.py check`, and before `serve`)."""

from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def is_restored(app_configs, **kwargs):
    from operations.restoring import unfinished

    return [Error(problem, id="operations.E001")] if (problem := unfinished()) else []
