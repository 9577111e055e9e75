"""All settings, from the environment (`.env.example` names each one)."""

from celery.schedules import crontab, schedule
from csp.constants import NONE, SELF

from config.env import BASE_DIR, django_secret, env, key_directory, private_directory, witness_directory

DATA_DIR = private_directory("DATA_DIR", BASE_DIR / "var" / "data")
KEY_DIR = key_directory(DATA_DIR)
# What must outlive a restored database: the journal of erased identities, and the audit log's anchors.
WITNESS_DIR = witness_directory(DATA_DIR, KEY_DIR)
# How long a process goes on with the keys that it has read before it looks whether one is being changed.
KEYS_KEPT_SECONDS = env.float("KEYS_KEPT_SECONDS", 10.0)
# Given each new anchor of the audit log on its standard input, to keep it where this machine can't change it.
WITNESS_COMMAND = env.str("WITNESS_COMMAND", "")

DEBUG = env.bool("DEBUG", False)
# A demo site shows a banner and its users' password; set by `manage.py serve --demo` only.
DEMO = env.bool("DEMO", False)
SECRET_KEY = django_secret(KEY_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "crispy_forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crypto",
    "audit",
    "accounts",
    "collection",
    "consent",
    "exports",
    "spreadsheets",
    "rights",
    "operations",
]

MIDDLEWARE = [
    "config.logs.RequestContextMiddleware",
    # outside all that may answer or fail, so that errors and static files have their headers too
    "csp.middleware.CSPMiddleware",
    "config.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.turns.OneAtATimeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.bodies.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionLimitMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "consent.middleware.SittingMiddleware",  # a device in a participant's hands answers with their own pages only
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets of our own in templates/widgets
CRISPY_ALLOWED_TEMPLATE_PACKS = "fds"
CRISPY_TEMPLATE_PACK = "fds"

# --- Database ---------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'site.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # secure_delete: an erased identity is overwritten in the file, not only unlinked.
        # recursive_triggers: REPLACE would otherwise delete audit rows without firing the trigger.
        "init_command": (
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
            "PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # after a restart of the database no page meets a dead connection
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),  # what the address asks for, such as ?sslmode=verify-full
        # Minutes without the database would otherwise be followed by as many until the pool tries again: it waits
        # twice as long after each failure. With a short reconnect_timeout each page tries anew.
        "pool": {"min_size": 1, "max_size": 8, "timeout": 5, "reconnect_timeout": 3},
        # a network that has swallowed the server is noticed (libpq, on this side: nothing in between need know of it)
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    # A process that hangs inside a transaction holds what it has locked, and in the end the audit chain, until it is
    # ended. Not by default, as a server in between (PgBouncer) may refuse the parameter.
    if idle := env.int("DATABASE_IDLE_SECONDS", 0):
        DATABASES["default"]["OPTIONS"]["options"] = f"-c idle_in_transaction_session_timeout={idle}s"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Jobs -------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    BROKER_DIR = DATA_DIR / "broker"
    BROKER_DIR.mkdir(mode=0o700, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": BROKER_DIR,
        "data_folder_out": BROKER_DIR,
        "control_folder": BROKER_DIR / "control",
        "polling_interval": 0.1,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5}
# A worker that has not reported for so long is taken for dead, and its job is sent again.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 45)
# What draws comparison groups, duckdb or spark, and what it may hold in memory; the rest is spilled, encrypted.
COMPARISON_ENGINE = env.str("COMPARISON_ENGINE", "duckdb", choices=("duckdb", "spark"))
COMPARISON_MEMORY = env.str("COMPARISON_MEMORY", "1GB")
# How long the signed form of a consent that was withdrawn is kept as proof, for the controller alone.
PROOF_KEEP_YEARS = env.int("PROOF_KEEP_YEARS", 5)
# years after a plan's end for which its people are held, where no other day is set (rights/retention.py)
RETENTION_YEARS = env.int("RETENTION_YEARS", 5)

# How old the rates of all plans may be (consent/rates.py); those of one's own plans are always of now.
RATES_KEPT_SECONDS = env.int("RATES_KEPT_SECONDS", 60)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_PUBLISH_RETRY = False  # the Job row waits for the sweep instead
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Else whoever reaches the broker could ask a worker for its settings, with the secret of OpenID Connect, or end it.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away for hours doesn't end the workers
CELERY_TIMEZONE = "Europe/Copenhagen"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep jobs": {"task": "exports.tasks.sweep", "schedule": schedule(15.0)},
    "delete what is due": {"task": "exports.tasks.expire", "schedule": crontab(hour="4", minute="15")},
    "delete old spreadsheets": {"task": "spreadsheets.tasks.expire", "schedule": schedule(3600.0)},
    "delete answers on screen": {"task": "consent.tasks.delete_screen_answers", "schedule": schedule(3600.0)},
    "remove old proofs": {"task": "consent.tasks.remove_proofs", "schedule": crontab(hour="4", minute="0")},
    "anchor the audit log": {"task": "audit.tasks.anchor", "schedule": crontab(minute="7")},
    "check the audit log": {"task": "audit.tasks.check_all", "schedule": crontab(hour="2", minute="15")},
    "write down erasures": {"task": "consent.tasks.write_down_erasures", "schedule": schedule(3600.0)},
    "forget old sessions": {"task": "operations.tasks.forget_sessions", "schedule": schedule(3600.0)},
    "retire old keys": {"task": "operations.tasks.retire_keys", "schedule": crontab(hour="4", minute="30")},
    "erase what is due": {"task": "rights.tasks.erase_due", "schedule": crontab(hour="5", minute="0")},
    "let consents lapse": {"task": "consent.tasks.lapse", "schedule": crontab(hour="3", minute="30")},
}

# --- Sign-in and sessions -----------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Holds nothing but the counts of guesses and the codes used a moment ago. In the database, because the limits must hold
# over all web processes and hosts, and neither a restart nor a broker that is away may lift them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_limits",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# Guesses at a password or a code: of one account, and from one address (of IPv6, one network of 64 bits).
GUESSES = "8/15m/key"
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": GUESSES,
    "failed_from_address": "50/15m/ip",
    "change_password": "10/15m/user",
    "reauthenticate": "20/m/user",
}
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}

# A demo asks nobody for a second factor; every other site asks all, unless an operator says no.
SECOND_FACTOR = env.bool("SECOND_FACTOR", not DEMO)
# Before an identity is read, a delivery approved or fetched, a sign-in or confirmation must be no older than this.
STEP_UP = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.int("CONFIRM_MINUTES", 5) * 60
# A session ends when nobody has used it for so long, and at the latest so long after the sign-in.
IDLE_MINUTES = env.int("IDLE_MINUTES", 60)
SESSION_HOURS = env.int("SESSION_HOURS", 10)
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
    "change_password": "accounts.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.ActivateAppForm",
    "login_webauthn": "accounts.forms.SignInByPasskeyForm",
    "authenticate_webauthn": "accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.NamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Deltagerdata"
MFA_TOTP_TOLERANCE = 1  # half a minute before and after: telephones' clocks, and people who type
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False

# Another place to sign in, by OpenID Connect: the way to MitID Erhverv through a broker.
OIDC_ISSUER = env.str("OIDC_ISSUER", "")
OIDC_NAME = env.str("OIDC_NAME", "MitID Erhverv")
OIDC_CLAIM = env.str("OIDC_CLAIM", "sub")
OIDC_MATCH = env.str("OIDC_MATCH", "oidc_subject", choices=("oidc_subject", "username"))
OIDC_SECOND_FACTOR = env.bool("OIDC_SECOND_FACTOR", False)
OIDC_ACR = env.list("OIDC_ACR", default=[])
SOCIALACCOUNT_ADAPTER = "accounts.adapters.OpenIdAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would have to name every host of the way in `form-action`
SOCIALACCOUNT_PROVIDERS: dict = {"openid_connect": {"provider_class": "accounts.openid.Provider", "APPS": []}}
if OIDC_ISSUER:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "oidc",
            "name": OIDC_NAME,
            "client_id": env.str("OIDC_CLIENT_ID"),
            "secret": env.str("OIDC_CLIENT_SECRET"),
            "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
        }
    )

# --- Transport and headers ----------------------------------------------------------------------

# On for every installation behind TLS; `make run` serves plain http on the loopback interface.
HTTPS = env.bool("HTTPS", True)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by monitoring on the machine itself
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# `__Host-`: a browser takes such a cookie from this host alone, so that no other of the domain can plant one.
_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}sessionid", f"{_HOST}csrftoken"
CSRF_COOKIE_HTTPONLY = True  # pages have the token in them
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # names of colleagues are not for cookies
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # of X-Forwarded-For the last address is the proxy's word, no other
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# What a form may hold, with its files; the views that take larger ones seal or measure them as they arrive.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # no file in clear on the disk

# --- Error pages and logs never quote what was typed ---------------------------------------------

DEFAULT_EXCEPTION_REPORTER = "config.errors.QuietReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.errors.QuietFilter"
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"format": env.str("LOG_FORMAT", "json"), "level": env.str("LOG_LEVEL", "INFO")}  # format: json or console

# --- Language ------------------------------------------------------------------------------------

LANGUAGE_CODE = "da"
LANGUAGES = [("da", "Dansk"), ("en", "English")]
LANGUAGE_COOKIE_NAME = f"{_HOST}django_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # years, ids and hidden inputs; the filter `number` groups what is a count

# --- Files ---------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
