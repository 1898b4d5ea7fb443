"""Projects, generated from first principles: abbreviations, codes with and without prefix, phases that differ."""

import random

import pytest

import matching

WORK = [
    ("Data Migration", "Data Migr."),
    ("ERP Implementation", "ERP Impl"),
    ("Cloud Transformation", "Cloud Transf."),
    ("HR System Rollout", "HR Sys Roll-out"),
    ("Financial Audit Support", "Fin. Audit Supp"),
    ("Market Entry Strategy", "Market Entry Strat"),
    ("Application Maintenance", "App Maint."),
    ("CRM Optimization", "CRM Optimisation"),
    ("Warehouse Automation", "Warehouse Automation Project"),
    ("Security Assessment", "Security Assmt"),
]
SERIES = [("", ""), ("Phase 1", "Ph. I"), ("Phase 2", "Phase II"), ("2025", "FY25"), ("2026", "FY2026")]
FORMS = ["GmbH", "Ltd", "Inc.", ""]


def firm(seed):
    """Records (mappings with `truth`) of projects for 120 customers, two or three records each."""
    rng = random.Random(seed)
    syllables = ["zan", "tor", "vel", "mir", "qua", "lux", "bor", "nex", "dil", "fen", "gor", "hast", "jun", "kel"]
    records = []
    for number in range(120):
        customer = "".join(rng.sample(syllables, 3)).capitalize() + rng.choice(["", " Group", " Services", " Bank"])
        for work in rng.sample(WORK, 2):
            for series in rng.sample(SERIES, rng.choice((1, 2))):
                records += _project(rng, customer, (work, series), len(records), f"{number}-{work[0]}-{series[0]}")
    rng.shuffle(records)
    return records


def _project(rng, customer, what, number, truth):
    (work, short), (series, other) = what
    begins = f"{rng.choice((2024, 2025, 2026))}-{rng.randrange(1, 13):02}-{rng.randrange(1, 28):02}"
    # Many systems number for themselves, so only some records carry the common number.
    code = f"{10_000 + number * 7}"
    found = []
    for _ in range(rng.choice((2, 3))):
        name = f"{rng.choice((work, work, short))} {rng.choice((series, other))}".strip()
        shifted = begins[:8] + f"{min(28, int(begins[8:]) + rng.choice((0, 0, 3))):02}"
        found.append(
            {
                "truth": truth,
                "name": name,
                "code": rng.choice((f"PRJ-{code}", code, None, None)),
                "customer_name": f"{rng.choice((customer, customer.upper()))} {rng.choice(FORMS)}".strip(),
                "start_on": rng.choice((shifted, shifted, None)),
            }
        )
    return found


@pytest.mark.timed
@pytest.mark.parametrize("seed", [1, 2])
def test_projects_are_found_and_phases_stay_apart(seed):
    model = matching.load_model("project")
    rows = firm(seed)

    found = matching.resolve(
        model, {name: [row.get(name) for row in rows] for name in model.attributes}, ids=[f"{n:05}" for n in range(len(rows))]
    )
    figures = matching.evaluate(found.clusters.labels, [row["truth"] for row in rows])

    assert figures.precision >= 0.97, figures
    assert figures.recall >= 0.85, figures


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (
            {"name": "ERP Implementation Phase 1", "customer_name": "Zantor GmbH"},
            {"name": "ERP Impl. Ph. I", "customer_name": "ZANTOR"},
            True,
        ),
        (
            {"name": "ERP Implementation Phase 1", "customer_name": "Zantor"},
            {"name": "ERP Implementation Phase 2", "customer_name": "Zantor"},
            False,
        ),
        ({"name": "Audit 2025", "customer_name": "Zantor"}, {"name": "Audit 2026", "customer_name": "Zantor"}, False),
        ({"name": "Data Migration", "customer_name": "Zantor"}, {"name": "Data Migration", "customer_name": "Velmirqua"}, False),
        (
            {"name": "Mig.", "code": "PRJ-10417", "customer_name": "Zantor"},
            {"name": "Data Migration", "code": "10417", "customer_name": "Zantor"},
            True,
        ),
    ],
    ids=["abbreviations", "phases", "years", "customers", "code"],
)
def test_two_projects(one, other, is_same):
    model = matching.load_model("project")
    columns = {name: [one.get(name), other.get(name)] for name in model.attributes}

    assert (matching.resolve(model, columns, ids=["a", "b"]).clusters.labels.tolist() == [0, 0]) is is_same
