"""Writes Halden's entities through services: people, teams, products, roles, accounts, KPIs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from feedback.models import Account
from feedback.services.accounts import add_account
from metrics.models import Kpi
from metrics.services.kpis import define_kpi, redefine_kpi
from pmtrack.demo import company, kpis
from pmtrack.demo.customers import CUSTOMERS, customers_of
from pmtrack.demo.series import generator
from products.models import Product, ProductType, Team, User
from products.services.people import add_person, add_team, join_team
from products.services.products import add_ally, add_product, assign_pm, give_product


@dataclass(slots=True)
class Halden:
    """What was founded, by name or slug."""

    today: date
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    kpis: dict[str, Kpi] = field(default_factory=dict)

    def day(self, ago: int) -> date:
        """The day ``ago`` days before today."""
        return self.today - timedelta(days=ago)

    def end(self, ago: int | None) -> date | None:
        """The end of a span, or None for one that holds."""
        return None if ago is None else self.day(ago)


def found(*, today: date, seed: int, passwords: Mapping[str, str]) -> Halden:
    """Write all entities. ``passwords`` by name, for those few who can sign in."""
    halden = Halden(today)
    _add_teams(halden)
    _add_people(halden, passwords)
    _add_colleagues(halden, seed)
    _add_products(halden)
    _add_accounts(halden)
    _add_kpis(halden)
    return halden


def _add_teams(halden: Halden) -> None:
    for team in company.TEAMS:
        halden.teams[team.slug] = add_team(slug=team.slug, name=team.name)


def _add_people(halden: Halden, passwords: Mapping[str, str]) -> None:
    for person in company.PEOPLE:
        user = add_person(
            email=person.email, name=person.name, password=passwords.get(person.name), is_admin=person.is_admin
        )
        halden.people[person.name] = user
        for role in person.roles:
            start, end = halden.day(role.start), halden.end(role.end)
            join_team(user=user, team=halden.teams[role.team], role=role.role, start=start, end=end)


def _add_colleagues(halden: Halden, seed: int) -> None:
    """Fill every team up to its size: people who use the internal tools and say what they think of them."""
    random = generator(seed, "colleagues")
    named = Counter(role.team for person in company.PEOPLE for role in person.roles if role.end is None)
    firsts, lasts = company.FIRST_NAMES.split(), company.LAST_NAMES.split()
    for team in company.TEAMS:
        missing = team.size - named[team.slug]
        while missing > 0:
            name = f"{firsts[int(random.integers(len(firsts)))]} {lasts[int(random.integers(len(lasts)))]}"
            if name in halden.people:
                continue
            user = add_person(email=company.Person(name, ()).email, name=name)
            halden.people[name] = user
            start = halden.day(int(random.integers(company.HISTORY_DAYS, company.FOUNDED)))
            join_team(user=user, team=halden.teams[team.slug], role="member", start=start)
            missing -= 1


def _add_products(halden: Halden) -> None:
    for plan in company.PRODUCTS:
        product = add_product(
            slug=plan.slug,
            name=plan.name,
            type=plan.type,
            audience=plan.audience,
            time_zone=plan.time_zone,
            continues=halden.products[plan.continues] if plan.continues else None,
            country=company.COUNTRIES[plan.time_zone],
        )
        halden.products[plan.slug] = product
        for slug, ago in plan.owners:
            give_product(product=product, team=halden.teams[slug], start=halden.day(ago))
    for duty in company.DUTIES:
        assign_pm(
            user=halden.people[duty.person],
            product=halden.products[duty.product],
            role=duty.role,
            start=halden.day(duty.start),
            end=halden.end(duty.end),
        )
    for slug, name, function in company.ALLIES:
        product, user = halden.products[slug], halden.people[name]
        add_ally(product=product, user=user, function=function, start=halden.day(company.HISTORY_DAYS))


def _add_accounts(halden: Halden) -> None:
    for customer in CUSTOMERS:
        halden.accounts[customer.reference] = add_account(
            reference=customer.reference,
            name=customer.name,
            segment=customer.segment,
            annual_value=Decimal(customer.annual_value),
            currency="EUR",
            valued_on=halden.day(40),
            manager=halden.people[customer.manager],
            consent=customer.consent,
            products=[
                product
                for product in halden.products.values()
                if product.type == ProductType.EXTERNAL and customer in customers_of(product.slug)
            ],
        )


def _add_kpis(halden: Halden) -> None:
    for measure in kpis.MEASURES:
        kpi = define_kpi(
            product=halden.products[measure.product],
            slug=measure.slug,
            name=measure.name,
            family=measure.family,
            form=measure.form,
            unit=measure.unit,
            direction=measure.direction,
            wording=measure.wording,
            holds_from=halden.day(measure.first or company.HISTORY_DAYS),
            currency=measure.currency,
            target=measure.target_value,
            smallest_change_worth=measure.worth_value,
            is_main=measure.is_main,
        )
        halden.kpis[measure.slug] = kpi
        if measure.reworded is not None:
            ago, wording = measure.reworded
            redefine_kpi(kpi=kpi, wording=wording, holds_from=halden.day(ago))
