from django.urls import path

from spreadsheets.views import files, rows

app_name = "spreadsheets"
urlpatterns = [
    path("import/", files.spreadsheets, name="spreadsheets"),
    path("import/ny/", files.upload, name="upload"),
    path("import/skabelon/", files.template, name="template"),
    path("import/<uuid:pk>/", files.spreadsheet, name="spreadsheet"),
    path("import/<uuid:pk>/fremdrift/", files.progress, name="progress"),
    path("import/<uuid:pk>/ark/", files.sheet, name="sheet"),
    path("import/<uuid:pk>/kolonner/", files.match, name="match"),
    path("import/<uuid:pk>/aktiviteter/", files.activities, name="activities"),
    path("import/<uuid:pk>/raekker/", rows.preview, name="preview"),
    path("import/<uuid:pk>/raekker/<int:number>/", rows.row, name="row"),
    path("import/<uuid:pk>/raekker/<int:number>/udelad/", rows.leave_out, name="leave_out"),
    path("import/<uuid:pk>/bekraeft/<slug:code>/", rows.confirm, name="confirm"),
    path("import/<uuid:pk>/nuller/", rows.zeros, name="zeros"),
    path("import/<uuid:pk>/indlaes/", files.write, name="write"),
    path("import/<uuid:pk>/rapport/", files.report, name="report"),
    path("import/<uuid:pk>/slet/", files.delete, name="delete"),
]
