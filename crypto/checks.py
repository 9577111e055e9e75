"""Numbered checks of the keys (`manage.py check`)."""

from django.core.checks import Error, Tags, register

from crypto.errors import CryptoError

BACK = "Put the backed-up key back; never make a new one over a lost one."


@register(Tags.security, deploy=True)
def kek_is_usable(app_configs, **kwargs):
    from crypto.keys import key_directory_problem

    problem = key_directory_problem()
    return (
        [Error(problem, id="crypto.E001", hint=f"{BACK} For a site without data `manage.py migrate` makes one.")]
        if problem
        else []
    )


@register(Tags.database)
def data_keys_open(app_configs, databases=None, **kwargs):
    """Run by `migrate` and `serve`: the KEK is the one that wrapped this database's keys."""
    from django.db import DatabaseError, connection

    from crypto import keys
    from crypto.models import DataKey

    if not databases:
        return []
    try:
        if DataKey._meta.db_table not in connection.introspection.table_names() or not DataKey.objects.exists():
            return []
        keys.verify()
    except CryptoError as error:
        return [Error(str(error), id="crypto.E002", hint=BACK)]
    except DatabaseError:
        return []
    return []
