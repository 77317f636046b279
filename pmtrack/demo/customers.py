"""Halden's customers, as accounts: companies only, each known through the colleague who manages it."""

from dataclasses import dataclass

PETRA, MAREK, LENA, CHIARA = "Petra Holm", "Marek Zielinski", "Lena Brandt", "Chiara Fontana"


@dataclass(frozen=True, slots=True)
class Customer:
    """An account: yearly value in EUR, and whether we may contact it."""

    name: str
    segment: str
    annual_value: int
    manager: str
    consent: str = "not_asked"

    @property
    def reference(self) -> str:
        """The id that clients and imports use."""
        return self.name.lower().replace(" ", "-")


CUSTOMERS = (
    Customer("Brenner Logistik", "large shipper", 412_000, PETRA, "yes"),
    Customer("Nordfrakt", "large shipper", 388_500, PETRA),
    Customer("Alpenholz", "manufacturer", 141_200, PETRA, "yes"),
    Customer("Kustvaart Groep", "large shipper", 305_000, PETRA),
    Customer("Tessera Tiles", "manufacturer", 96_400, MAREK),
    Customer("Polmleko", "food", 178_300, MAREK, "yes"),
    Customer("Baltic Timber", "manufacturer", 122_750, MAREK),
    Customer("Odra Steel", "manufacturer", 264_900, MAREK, "no"),
    Customer("Green Crate", "food", 58_200, LENA, "yes"),
    Customer("Veldhuis Bloemen", "food", 143_600, LENA, "yes"),
    Customer("Marlin Outdoor", "retail", 47_900, LENA),
    Customer("Huis en Haard", "retail", 88_150, LENA),
    Customer("Papeteries du Rhin", "manufacturer", 71_400, LENA, "no"),
    Customer("Lumo Lighting", "retail", 39_800, MAREK),
    Customer("Sierra Ceramics", "manufacturer", 67_250, CHIARA, "yes"),
    Customer("Vinhos do Vale", "food", 52_700, CHIARA),
    Customer("Transporta Lisboa", "carrier", 18_400, CHIARA, "yes"),
    Customer("Rota Norte", "carrier", 12_900, CHIARA),
    Customer("Van Dijk Transport", "carrier", 22_300, CHIARA, "yes"),
    Customer("Szybki Transport", "carrier", 9_700, CHIARA),
    Customer("Fjordbil", "carrier", 15_100, CHIARA),
    Customer("Adria Cargo", "carrier", 11_600, CHIARA, "no"),
    Customer("Helvetia Spedition", "carrier", 27_800, CHIARA, "yes"),
    Customer("Maas Warehousing", "warehouse", 33_500, CHIARA, "yes"),
    Customer("Depot Zuid", "warehouse", 21_900, CHIARA),
)
# Who uses which product, by segment.
SHIPPERS = ("large shipper", "manufacturer", "food", "retail")
SEGMENTS = {"carrier-portal": ("carrier",), "dock-booking": ("carrier", "warehouse")}


def customers_of(product: str) -> list[Customer]:
    """The customers of an external product."""
    wanted = SEGMENTS.get(product, SHIPPERS)
    return [one for one in CUSTOMERS if one.segment in wanted]
