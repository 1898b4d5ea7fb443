"""Settings of the bare view: Django and DRF with nothing else."""

from mdm.settings import DATABASES, SECRET_KEY  # noqa: F401  (the same database)

DATABASES["default"]["CONN_MAX_AGE"] = 600
EMBEDDED_POSTGRES, DATA_FOLDER = False, None
INSTALLED_APPS = ["django.contrib.contenttypes", "rest_framework"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.bare_urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
