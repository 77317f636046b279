"""Halden's people, teams, products and roles, as data. Days are counted back from today."""

from dataclasses import dataclass

DOMAIN = "halden.example"
HISTORY_DAYS = 430  # fourteen months: every measure has more than the 224 days that the longest reading needs
FOUNDED = 1_500  # days ago: roles that hold "since ever"
MOVED = 210  # the day on which three PMs changed products
OPENED = 150  # the day on which Dock Planner opened to customers as Dock Booking


@dataclass(frozen=True, slots=True)
class Role:
    """A role in a team from ``start`` to ``end`` days ago (None: still)."""

    team: str
    role: str
    start: int = FOUNDED
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague whom the story names."""

    name: str
    roles: tuple[Role, ...]
    is_admin: bool = False

    @property
    def email(self) -> str:
        """The login: first.last at the company."""
        return f"{self.name.lower().replace(' ', '.')}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Team:
    """A team and how many people it has; all of them could use the internal tools."""

    slug: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product, and the teams that owned it: (slug, days ago)."""

    slug: str
    name: str
    type: str
    audience: str
    time_zone: str
    owners: tuple[tuple[str, int], ...]
    continues: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answered for a product, from ``start`` to ``end`` days ago."""

    person: str
    product: str
    start: int = FOUNDED
    end: int | None = None
    role: str = "owner"


TEAMS = (
    Team("booking", "Booking", 12),
    Team("platform", "Platform", 10),
    Team("carriers", "Carriers", 8),
    Team("pricing", "Pricing", 6),
    Team("sales-north", "Sales North", 6),
    Team("sales-south", "Sales South", 6),
    Team("account-management", "Account Management", 7),
    Team("support", "Support", 8),
    Team("finance", "Finance", 4),
    Team("legal", "Legal", 3),
    Team("marketing", "Marketing", 5),
    Team("security", "Security", 4),
    Team("data", "Data", 5),
    Team("operations", "Operations", 6),
)

PEOPLE = (
    Person("Ines Okafor", (Role("booking", "lead"), Role("platform", "lead"))),
    Person("Henrik Dahl", (Role("carriers", "lead"),)),
    Person("Maya Lindgren", (Role("platform", "pm", end=MOVED), Role("booking", "pm", start=MOVED))),
    Person("Tom Adeyemi", (Role("booking", "pm"),)),
    Person("Elif Kaya", (Role("booking", "pm", end=MOVED), Role("carriers", "pm", start=MOVED))),
    Person("Jonas Weber", (Role("platform", "member", end=MOVED), Role("platform", "pm", start=MOVED))),
    Person("Sofia Marques", (Role("pricing", "pm", end=260), Role("booking", "pm", start=260))),
    Person("Amira Haddad", (Role("carriers", "pm"),)),
    Person("Joao Reis", (Role("carriers", "pm"),)),
    Person("Noor Visser", (Role("pricing", "lead"),)),
    Person("Petra Holm", (Role("account-management", "lead"),)),
    Person("Lena Brandt", (Role("account-management", "member"),)),
    Person("Marek Zielinski", (Role("account-management", "member"),)),
    Person("Chiara Fontana", (Role("account-management", "member", start=320),)),
    Person("Oskar Nyman", (Role("support", "lead"),)),
    Person("Daniel Roth", (Role("legal", "lead"),)),
    Person("Lucia Ferri", (Role("marketing", "lead"),)),
    Person("Grace Mbeki", (Role("marketing", "member"),)),
    Person("Ravi Menon", (Role("finance", "lead"),)),
    Person("Pavel Novak", (Role("security", "lead"),)),
    Person("Signe Aaen", (Role("legal", "member"),)),
    Person("Yuki Tanaka", (Role("data", "lead"),)),
    Person("Bruno Keller", (Role("operations", "lead"),)),
    Person("Ada Brooks", (Role("operations", "member"),), is_admin=True),
)

# Who gets a password: the two that `up` prints, and an administrator.
SIGN_INS = {"lead": "Ines Okafor", "pm": "Maya Lindgren", "admin": "Ada Brooks"}

FIRST_NAMES = (
    "Aino Akira Alice Anders Aniela Arjun Asta Bas Beatriz Bilal Camille Carlos Dagny Davide Dina Eero Elena Emre Erik "
    "Esther Fatima Filip Freya Gabriel Hanna Hugo Ida Imani Isak Jana Jelle Kamila Karim Katja Kofi Lars Leila Liam "
    "Linnea Luca Magda Malik Marta Mateo Mina Nadia Nils Olga Omar Otto Paula Pieter Priya Rafael Rosa Ruben Samir "
    "Sanne Selma Silvia Stefan Tara Thea Timo Vera Viktor Wanda Willem Yara Zofia"
)
LAST_NAMES = (
    "Ahlgren Almeida Andersen Bakker Baumann Berg Bianchi Blom Castro Chen Costa Dekker Demir Eriksen Fischer Forsberg "
    "Gallo Gupta Haas Hansen Heikkinen Horvat Ivanov Jansen Johansson Kamara Koch Kowalska Kramer Kurt Larsen Lehmann "
    "Lindqvist Lopes Maier Martins Meyer Moreau Mwangi Nguyen Nieminen Nowak Olsen Osei Papadakis Peeters Petrov Popa "
    "Ricci Rossi Salo Santos Schmid Silva Smit Sorensen Steiner Svensson Toth Vargas Virtanen Vogel Wagner Weiss "
    "Winter Wolf Yilmaz Zimmer"
)

AMSTERDAM, BERLIN, LISBON = "Europe/Amsterdam", "Europe/Berlin", "Europe/Lisbon"
# Whose public holidays are no days like others, by where a product is.
COUNTRIES = {AMSTERDAM: "NL", BERLIN: "DE", LISBON: "PT"}
PRODUCTS = (
    Product("checkout", "Checkout", "E", "4,100 accounts that book freight", AMSTERDAM, (("booking", FOUNDED),)),
    Product("shipper-app", "Shipper App", "E", "2,650 accounts on the road", BERLIN, (("booking", FOUNDED),)),
    Product("carrier-portal", "Carrier Portal", "E", "880 carriers", LISBON, (("carriers", FOUNDED),)),
    Product(
        "rate-desk",
        "Rate Desk",
        "I",
        "38 colleagues who quote prices",
        AMSTERDAM,
        (("pricing", FOUNDED), ("booking", 260)),
    ),
    Product("switchyard", "Switchyard", "I", "90 colleagues who ship changes", BERLIN, (("platform", FOUNDED),)),
    Product("dock-planner", "Dock Planner", "I", "6 colleagues in operations", AMSTERDAM, (("carriers", FOUNDED),)),
    Product(
        "dock-booking",
        "Dock Booking",
        "E",
        "310 carriers and warehouses",
        AMSTERDAM,
        (("carriers", OPENED),),
        continues="dock-planner",
    ),
)

DUTIES = (
    Duty("Tom Adeyemi", "checkout", end=MOVED),
    Duty("Maya Lindgren", "checkout", start=MOVED),
    Duty("Elif Kaya", "shipper-app", end=MOVED),
    Duty("Tom Adeyemi", "shipper-app", start=MOVED),
    Duty("Amira Haddad", "carrier-portal"),
    Duty("Sofia Marques", "rate-desk"),
    Duty("Noor Visser", "rate-desk", start=96, end=75, role="covering"),
    Duty("Maya Lindgren", "switchyard", end=MOVED),
    Duty("Jonas Weber", "switchyard", start=MOVED),
    Duty("Joao Reis", "dock-planner"),
    Duty("Elif Kaya", "dock-booking", start=OPENED),
    Duty("Joao Reis", "dock-booking", start=OPENED, role="co_owner"),
)

# Product, colleague, function.
ALLIES = (
    ("checkout", "Petra Holm", "account_management"),
    ("checkout", "Marek Zielinski", "account_management"),
    ("checkout", "Daniel Roth", "legal"),
    ("checkout", "Lucia Ferri", "marketing"),
    ("checkout", "Ravi Menon", "revenue"),
    ("checkout", "Oskar Nyman", "support"),
    ("shipper-app", "Lena Brandt", "account_management"),
    ("shipper-app", "Oskar Nyman", "support"),
    ("shipper-app", "Grace Mbeki", "communications"),
    ("carrier-portal", "Chiara Fontana", "account_management"),
    ("carrier-portal", "Pavel Novak", "security"),
    ("carrier-portal", "Signe Aaen", "privacy"),
    ("dock-booking", "Chiara Fontana", "account_management"),
    ("dock-booking", "Daniel Roth", "legal"),
    ("rate-desk", "Yuki Tanaka", "data"),
    ("switchyard", "Pavel Novak", "security"),
)
