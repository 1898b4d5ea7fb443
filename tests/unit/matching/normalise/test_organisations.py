"""Names of organisations: core words, legal form, remarks."""

import pytest

from matching.normalise.organisations import organisation, separators

CASES = [
    ("Müller & Söhne G.m.b.H. (DO NOT USE)", ("muller sons", "gmbh", None)),
    ("Schmidt Bau GmbH & Co. KG", ("schmidt construction", "gmbhcokg", None)),
    ("Acme S.A.R.L. - OLD", ("acme", "sarl", None)),
    ("Acme, L.L.C.", ("acme", "llc", None)),
    ("X Pty. Ltd.", ("x", "pty", None)),
    ("Norsk A/S", ("norsk", "as", None)),
    ("Foo Sp. z o.o.", ("foo", "spzoo", None)),
    ("I.B.M. Corp.", ("ibm", "corp", None)),
    ("AT&T Inc", ("att", "inc", None)),
    ("L'Oréal S.A.", ("loreal", "sa", None)),
    ("Rowe and O'Sullivan Ltd.", ("rowe osullivan", "ltd", None)),
    ("Acme (DE)", ("acme", None, None)),
    ("Acme / AP dept", ("acme", None, None)),
    ("RoweDistribution", ("rowe distribution", None, None)),
    ("PayPal", ("paypal", None, None)),
    ("株式会社 田中商事", ("tianzhongshangshi", "kk", "株式会社 田中商事")),
    ("中山科技有限公司", ("zhongshan technologies", "ltd", "中山科技有限公司")),
    ("ТОВ Газпром", ("gazprom", "llc", "ТОВ Газпром")),
    ("M&uuml;ller &amp; S&#246;hne GmbH", ("muller sons", "gmbh", None)),
    ("Rowe &amp;amp; Sons Ltd", ("rowe sons", "ltd", None)),
    ("&#x682A;&#x5F0F;&#x4F1A;&#x793E; 田中商事", ("tianzhongshangshi", "kk", "株式会社 田中商事")),
    ("AT&T; Inc", ("att", "inc", None)),
    ("Hogar del Ni?o", ("hogar nio", None, None)),
    ("Limited", ("limited", None, None)),
    ("N/A", (None, None, None)),
    ("Test", (None, None, None)),
    ("!!!", (None, None, None)),
]


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[name for name, _ in CASES])
def test_a_name_is_its_core_its_legal_form_and_its_native_form(name, expected):
    assert organisation(name) == expected


def test_the_records_own_city_behind_the_name_is_cut_off():
    assert organisation("Acme Steel - Berlin", "berlin")[0] == "acme steel"
    assert organisation("Acme Steel (Berlin)", "berlin")[0] == "acme steel"


def test_another_city_behind_the_name_stays():
    assert organisation("Acme Steel - Berlin", "hamburg")[0] == "acme steel berlin"
    assert organisation("Acme Steel - Berlin")[0] == "acme steel berlin"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gesellschaft mit beschränkter Haftung", "GmbH"),
        ("Aktiebolag", "AB"),
        ("Limited", "Ltd."),
        ("Société Anonyme", "S.A."),
        ("Private Limited", "Pvt Ltd"),
        ("Spółka z ograniczoną odpowiedzialnością", "Sp. z o.o."),
    ],
    ids=["gmbh", "ab", "ltd", "sa", "pvt", "spzoo"],
)
def test_the_long_and_the_short_legal_form_are_one(one, other):
    assert organisation(f"Acme {one}") == organisation(f"Acme {other}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Werke", "Mueller Werke"),
        ("Schröder Söhne", "Schroeder Soehne"),
        ("Überlandwerk Fulda", "Ueberlandwerk Fulda"),
        ("Ørsted", "Oersted"),
        ("Ålborg Havn", "Aalborg Havn"),
        ("Weißbräu", "Weissbraeu"),
        ("Łódź Tramwaje", "Lodz Tramwaje"),
        ("Türkçe Kitap", "Turkce Kitap"),
        ("Газпром нефть", "Gazprom Neft"),
        ("Щукин Завод", "Shchukin Zavod"),
        ("Роснефть", "Rosneft"),
        ("Київстар", "Kiivstar"),
        ("Ђерђев Млин", "Derdev Mlin"),
        ("Αθηνά Τέχνη", "Athina Techni"),
        ("Παπαδόπουλος", "Papadopoulos"),
        ("华为技术有限公司", "Huawei Technologies Co., Ltd."),
        ("中国银行", "Bank of China"),
        ("トヨタ自動車株式会社", "Toyota Motor Corporation"),
        ("ソフトバンクグループ", "Sofutobanku Group"),
    ],
    ids=lambda name: f"{name!a}",
)
def test_two_spellings_of_one_name_have_one_core(one, other):
    assert sorted(organisation(one)[0].split()) == sorted(organisation(other)[0].split())


@pytest.mark.parametrize(
    "name", ["Blue Ocean", "True North", "Boeing", "Samuel Fuel", "Bauer", "Aerospace", "Quelle", "Israel", "Saab", "Suez"]
)
def test_words_that_only_look_like_umlauts_stay(name):
    assert organisation(name)[0] == name.lower()


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("Intl Mfg Svcs", "International Manufacturing Services"),
        ("Smith Bros", "Smith Brothers"),
        ("Natl Assn of Engr", "National Association of Engineers"),
        ("Univ Hosp Dept", "University Hospital Department"),
        ("Gebr. Huber", "Gebrüder Huber"),
        ("Hnos. Garcia", "Hermanos Garcia"),
        ("Flli Rossi", "Fratelli Rossi"),
        ("Huber Mgmt", "Firma Huber Management"),
        ("Uniwersytet Warszawski", "University Warszawski"),
        ("Acme Beteiligungsgesellschaft", "Acme Holding"),
        ("Acme Dienstleistungen", "Acme Services"),
    ],
    ids=lambda name: f"{name!a}",
)
def test_abbreviations_and_translations_of_descriptors_are_one_word(short, long):
    assert organisation(short)[0] == organisation(long)[0]


@pytest.mark.parametrize(
    "word", ["holdings", "services", "north", "nordic", "iberia", "germany", "deutschland", "import", "export", "retail"]
)
def test_words_that_separate_subsidiaries_are_known(word):
    assert word in separators()


def test_llc_and_ltd_are_two():
    assert organisation("Acme LLC")[1] != organisation("Acme Ltd")[1]


def test_latin_and_cyrillic_spellings_meet():
    assert organisation("Газпром")[0] == organisation("Gazprom")[0]


@pytest.mark.parametrize("name", ["㈭", "(de)", "[closed]", "(DO NOT USE)"])
def test_a_name_that_is_nothing_but_a_remark_keeps_it(name):
    assert organisation(name)[0]
