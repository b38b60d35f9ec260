"""What the name of an attribute says about its value: an e-mail address, a surname, a remark, a city.

English first, with the commonest German, Spanish, French, Italian, Dutch and Portuguese names.
"""

from enum import Enum
from functools import lru_cache

from privacy.kinds import Kind
from privacy.normalization import normalise


class Manner(Enum):
    """How a value is read whose name tells no kind of personal data."""

    OPEN = "anything"
    CLOSED = "one of a list, or an id: a city, a campaign, an agent"
    REMARK = "free text, however short"


Meaning = Kind | Manner
SEPARATOR = b"_"


def _phrases(words: str) -> frozenset[bytes]:
    return frozenset(words.encode().split())


# Found anywhere in a name, at the ends of words.
TELLING: dict[Kind, frozenset[bytes]] = {
    Kind.EMAIL: _phrases("email emails e_mail e_mails courriel correo_electronico mail_address"),
    Kind.MAC: _phrases("mac_address mac_addr"),
    Kind.IP: _phrases("ip_address ip_addr remote_addr ip_adresse"),
    Kind.SECRET: _phrases(
        "password passwort passwd pwd passcode passphrase otp cvv cvc cvv2 api_key access_token "
        "auth_token contrasena mot_de_passe mdp senha wachtwoord security_answer secret_answer "
        "security_question maiden_name"
    ),
    Kind.USERNAME: _phrases(
        "username user_name userid login_name screen_name nickname nick_name skype_id twitter_handle "
        "instagram_handle benutzername nombre_de_usuario nom_d_utilisateur gebruikersnaam"
    ),
    Kind.IBAN: _phrases("iban"),
    Kind.CARD: _phrases(
        "card_number card_no card_last cardnumber credit_card creditcard debit_card cc_number kreditkarte"
    ),
    Kind.NATIONAL_ID: _phrases(
        "ssn social_security social_security_number national_id nationalid national_insurance nino "
        "passport passport_number passport_no driver_license drivers_license driving_licence "
        "driver_licence dni nie cpf curp tax_id steuer_id personalausweis ausweisnummer reisepass "
        "numero_de_securite_sociale insee bsn aadhaar codice_fiscale"
    ),
    Kind.BIRTH_DATE: _phrases(
        "dob birthday birthdate birth_date date_of_birth born_on born_at geburtsdatum geburtstag "
        "fecha_de_nacimiento fecha_nacimiento date_de_naissance date_naissance data_di_nascita "
        "data_de_nascimento geboortedatum"
    ),
    Kind.PHONE: _phrases(
        "phone phones telephone telefon telefono telephon telefone telefoon phone_number phonenumber "
        "mobile_number mobilenumber cell_number cellphone handynummer telefonnummer mobilnummer "
        "rufnummer contact_number callback_number whatsapp_number"
    ),
    Kind.POSTCODE: _phrases(
        "zip zipcode zip_code postcode post_code postal_code postalcode postleitzahl plz "
        "codigo_postal code_postal cep"
    ),
    Kind.VEHICLE: _phrases("vin license_plate licence_plate number_plate kennzeichen plate_number"),
    Kind.DEVICE: _phrases("imei idfa gaid advertising_id device_id deviceid"),
    Kind.ACCOUNT: _phrases(
        "account_number account_no accountnumber bank_account policy_number membership_number mrn "
        "medical_record_number medical_record patient_id insurance_number kontonummer "
        "numero_de_cuenta versicherungsnummer"
    ),
    Kind.ADDRESS: _phrases(
        "street_address address_line address_street home_address street_name house_number hausnummer "
        "anschrift strassenname"
    ),
    Kind.PERSON: _phrases(
        "first_name firstname last_name lastname surname forename given_name givenname family_name "
        "familyname full_name fullname middle_name contact_name contactname contact_person "
        "customer_name client_name guest_name lead_name person_name vorname nachname ansprechpartner "
        "familienname apellido apellidos prenom nom_de_famille cognome voornaam achternaam sobrenome "
        "cardholder cardholder_name account_holder"
    ),
}
# Telling only when nothing but an owner stands beside them: "billing_street", not "street_lamps".
ALONE: dict[Kind, frozenset[bytes]] = {
    Kind.EMAIL: _phrases("mail correo"),
    Kind.MAC: _phrases("mac"),
    Kind.IP: _phrases("ip"),
    Kind.SECRET: _phrases("pin pin_code secret token"),
    Kind.USERNAME: _phrases("login handle nick skype telegram twitter instagram usuario identifiant pseudo"),
    Kind.CARD: _phrases("card cc karte tarjeta"),
    Kind.NATIONAL_ID: _phrases("licence license nif sin"),
    Kind.BIRTH_DATE: _phrases("born birth geboren"),
    Kind.PHONE: _phrases("mobile cell handy tel fax landline movil portable whatsapp gsm"),
    Kind.POSTCODE: _phrases("postal"),
    Kind.VEHICLE: _phrases("plate registration matricula"),
    Kind.ADDRESS: _phrases(
        "address addresses addr adresse direccion street strasse calle rue via indirizzo adres"
    ),
    Kind.PERSON: _phrases("name names nombre nom naam nome"),
}
OWNERS = _phrases(
    "customer client contact guest lead user account holder person personal home work office business "
    "billing shipping delivery mailing invoice primary secondary main my your their applicant patient "
    "buyer member partner spouse husband wife owner tenant emergency alt alternate alternative other "
    "second additional private current permanent raw new old input field value text answer the "
    "visitor traveller traveler passenger driver student parent child mother father recipient sender "
    "payer subscriber attendee participant employee kunde kunden cliente du de del lead's s"
)
# The value is not the thing itself but something about it.
ABOUT = _phrases(
    "count counts type types kind domain provider host opened opens open clicked clicks click sent "
    "received delivered bounced bounce bounces replied replies verified valid validated confirmed "
    "consent optin opt permission allowed subscribed subscription status state country region city "
    "town county area prefix length len score has is was did can day days hour hours minutes since "
    "ago time times rate ratio share pct percent year month week age format lang language preferred "
    "preference brand model os app visits campaign channel source medium template subject flag "
    "quality match matched missing present provided filled available required network carrier "
    "operator words chars characters level group company product project event plan hotel property "
    "page file"
)
REMARKS = _phrases(
    "comment comments note notes message messages msg remark remarks description details feedback "
    "request requests question questions inquiry enquiry body bemerkung bemerkungen kommentar "
    "nachricht notiz notizen anmerkung anmerkungen anfrage comentario comentarios mensaje "
    "observaciones nota notas commentaire commentaires remarque remarques opmerking bericht mensagem"
)
CLOSED = _phrases(
    "city town country region state province county district area neighborhood neighbourhood campaign "
    "utm product plan brand make model hotel agent rep salesperson seller broker source channel "
    "medium segment category type language lang locale currency browser os platform device month day "
    "weekday season job occupation industry sector department team keyword term ad adset creative "
    "landing page referrer referer variant experiment group tier level status stadt ort land kampagne "
    "ciudad pais provincia ville pays timezone version id ids code key ref sku order ticket session "
    "click gclid fbclid cookie uuid company companies firm organisation organization employer guid "
    "hash gtin ean isbn asin amount price budget revenue income salary value total size url website"
)
GLUED = (
    (b"email", Kind.EMAIL),
    (b"passwor", Kind.SECRET),
    (b"telefon", Kind.PHONE),
    (b"telephone", Kind.PHONE),
    (b"surname", Kind.PERSON),
    (b"firstname", Kind.PERSON),
    (b"lastname", Kind.PERSON),
)


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """What values of this name are."""
    words = [word for word in _words(name) if not word.isdigit()]
    if ABOUT.isdisjoint(words):
        found = _kind(words)
        if found is not None:
            return found
        if words and words[-1] in REMARKS:
            return Manner.REMARK
    if not CLOSED.isdisjoint(words):
        return Manner.CLOSED
    return Manner.REMARK if words and words[0] in REMARKS and ABOUT.isdisjoint(words) else Manner.OPEN


def _kind(words: list[bytes]) -> Kind | None:
    whole = SEPARATOR + SEPARATOR.join(words) + SEPARATOR
    for kind, phrases in TELLING.items():
        if any(SEPARATOR + phrase + SEPARATOR in whole for phrase in phrases):
            return kind
    left = SEPARATOR.join(word for word in words if word not in OWNERS)
    for kind, phrases in ALONE.items():
        if left in phrases:
            return kind
    return next((kind for part, kind in GLUED if part in whole), None)


def _words(name: str) -> list[bytes]:
    """first_name, firstName, FirstName, "First name", IPAddress, phone2: in words of small letters."""
    data = normalise(name).data
    pieces: list[bytes] = []
    start = 0
    for at in range(1, len(data)):
        if _splits(data, at):
            pieces.append(data[start:at])
            start = at
    pieces.append(data[start:])
    plain = (bytes(byte for byte in piece if chr(byte).isalnum()) for piece in pieces)
    return [piece.lower() for piece in plain if piece]


def _splits(data: bytes, at: int) -> bool:
    """A word begins here."""
    before, here, after = data[at - 1 : at], data[at : at + 1], data[at + 1 : at + 2]
    if not (before.isalnum() and here.isalnum()):
        return True
    if here.isdigit() != before.isdigit():
        return True
    return here.isupper() and (before.islower() or (before.isupper() and after.islower()))
