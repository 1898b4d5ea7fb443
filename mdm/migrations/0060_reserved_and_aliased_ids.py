"""Enterprise IDs that are reserved before there is a record, and the names that other hubs gave."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mdm', '0050_people_act'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=60)),
                ('alias', models.CharField(max_length=255)),
                ('imported_at', models.DateTimeField()),
                ('golden', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to='mdm.golden')),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to='mdm.sourcerecord')),
            ],
            options={
                'indexes': [models.Index(django.db.models.functions.text.Upper('alias'), name='id_alias_by_name')],
                'constraints': [models.UniqueConstraint(fields=('issuer', 'alias'), name='id_alias_is_given_once'), models.CheckConstraint(condition=models.Q(models.Q(('golden__isnull', False), ('record', None)), models.Q(('golden', None), ('record__isnull', False)), _connector='OR'), name='id_alias_follows_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('enterprise_id', models.CharField(max_length=24, unique=True)),
                ('domain', models.CharField(max_length=40)),
                ('status', models.CharField(default='RESERVED', max_length=8)),
                ('purpose', models.CharField(max_length=200)),
                ('reserved_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to=settings.AUTH_USER_MODEL)),
                ('record', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='mdm.sourcerecord')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'RESERVED')), fields=['expires_at'], name='reservation_open_by_end')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['RESERVED', 'CLAIMED', 'LAPSED', 'RELEASED'])), name='reservation_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status', 'RESERVED')), models.Q(models.Q(('status', 'RESERVED'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='reservation_ended_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('record__isnull', False), ('status', 'CLAIMED')), models.Q(models.Q(('status', 'CLAIMED'), _negated=True), ('record', None)), _connector='OR'), name='reservation_claimed_has_its_record'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('reserved_at'))), name='reservation_ends_after_it_began')],
            },
        ),
    ]
