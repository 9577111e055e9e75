from django.urls import path

from operations.views import keys

app_name = "operations"
urlpatterns = [
    path("noegler/", keys.all_keys, name="keys"),
    path("noegler/skift/", keys.key_change, name="key_change"),
    path("noegler/<uuid:pk>/fremdrift/", keys.key_progress, name="key_progress"),
]
