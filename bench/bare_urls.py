"""One model serializer, one retrieve view."""

from django.db import models
from django.urls import path
from rest_framework import generics, serializers


class Record(models.Model):
    key = models.TextField()
    native_id = models.TextField()
    domain = models.TextField()
    version = models.IntegerField()

    class Meta:
        app_label, managed, db_table = "bench", False, "mdm_sourcerecord"

    def __str__(self):
        return f"#{self.pk}"


class RecordSerializer(serializers.ModelSerializer):
    class Meta:
        model, fields = Record, ["id", "key", "native_id", "domain", "version"]


class Retrieve(generics.RetrieveAPIView):
    queryset, serializer_class = Record.objects.all(), RecordSerializer


urlpatterns = [path("records/<int:pk>", Retrieve.as_view())]
