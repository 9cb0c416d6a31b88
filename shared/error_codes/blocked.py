"""The codes that end as `Blocked`: a person must fix something that is not the export."""

from typing import Self

from shared.error_codes.code import ErrorCode, Retry, Status


class BlockedCode(ErrorCode):
    """A person must fix something that is not the export; tried daily, or only when asked."""

    def __new__(cls, code: str, text: str, help_text: str, retry: Retry = "auto") -> Self:
        """Make a code that ends as `Blocked`."""
        member = cls._member(code, text, help_text, retry)
        member.status, member.who = Status.BLOCKED, "operator"
        return member

    # the blob
    EXPORT_GONE = (
        "export-gone",
        "The export disappeared while Gatepost was reading it.",
        "Upload the export again if its records are still missing.",
        "person",
    )
    EXPORT_ARCHIVED = (
        "export-archived",
        "The export is in the archive tier, which cannot be read.",
        "Move the blob back to the hot or cool tier; Gatepost tries again every day.",
    )
    EXPORT_DELETED = (
        "export-deleted",
        "The export was deleted before all of it was sent.",
        "Upload it again if it is needed, or close it: gatepost.py give-up.",
        "person",
    )
    EXPORT_OVERWRITTEN = (
        "export-overwritten",
        "A newer version took the export's place after some of the older one was sent.",
        "Upload the older one under another name if it is needed, or close it: gatepost.py give-up.",
        "person",
    )
    # what waits on purpose
    SENDING_OFF = (
        "sending-off",
        "CONNECTOR_SENDING is off: the export was checked, and nothing was sent.",
        "Set CONNECTOR_SENDING to on; the next sweep then sends what waits.",
    )
    SOURCE_ON_TRIAL = (
        "source-on-trial",
        "The export's source says send = false: the export was checked, and nothing was sent.",
        "Check the outcome. If it is right, set send = true in the source; the next sweep sends what waits.",
    )
    SOURCE_UNUSABLE = (
        "source-unusable",
        "The profile or people file of the export's source is missing or has an error.",
        "Fix the file that the message names and put it into the sources container; Gatepost tries again every day.",
    )
    RULES_CHANGED = (
        "rules-changed",
        "The rules or the source changed after some of the export was sent, and now they reject the rest.",
        "Take the change of the rules or of the source back, or close the export: gatepost.py give-up.",
    )
    # secret and token
    VAULT_FIREWALL = (
        "vault-firewall",
        "Key Vault's firewall turned the app away (403).",
        "Let the function app through the vault's firewall: az keyvault network-rule add, or a private endpoint.",
    )
    VAULT_FORBIDDEN = (
        "vault-forbidden",
        "The app's identity has no permission to read the secret (403).",
        (
            "Give the app's identity the role 'Key Vault Secrets User' on the secret: az role assignment create --role "
            "'Key Vault Secrets User' --assignee-object-id <principal id of the identity> --scope <id of the secret>."
        ),
    )
    SECRET_MISSING = (
        "secret-missing",
        "The vault has no secret of that name, or it is disabled or empty.",
        (
            "Put the app registration's client secret into the vault: az keyvault secret set --vault-name <vault> "
            "--name <APP_SECRET_NAME> --file <file with the secret> --output none. Compare the name with APP_SECRET_NAME."
        ),
    )
    VAULT_MISCONFIGURED = (
        "vault-misconfigured",
        "KEY_VAULT_URI is not the address of a Key Vault, or the vault refused the request (400, 401).",
        "Compare KEY_VAULT_URI with the vault's URI in the portal.",
    )
    APP_UNKNOWN = (
        "app-unknown",
        "Entra ID does not know the app in this tenant (AADSTS700016).",
        "Compare CONNECTOR_APP_ID and CONNECTOR_TENANT_ID with the app registration.",
    )
    TENANT_UNKNOWN = (
        "tenant-unknown",
        "Entra ID does not know the tenant (AADSTS90002).",
        "Compare CONNECTOR_TENANT_ID, CONNECTOR_CLOUD and ENTRA_AUTHORITY with the tenant.",
    )
    APP_DISABLED = (
        "app-disabled",
        "The app is disabled in Entra ID (AADSTS7000112).",
        "Enable the app registration's enterprise application in Entra ID.",
    )
    AUDIENCE_UNKNOWN = (
        "audience-unknown",
        "Entra ID does not know the connector's audience in this tenant (AADSTS500011).",
        "Compare CONNECTOR_SCOPE with the audience that the connector's page names today.",
    )
    CONDITIONAL_ACCESS = (
        "conditional-access",
        "A Conditional Access policy does not let the app sign in (AADSTS53003).",
        "Exclude the app registration from the policy that Entra ID's sign-in log names, or add the app's outbound addresses to it.",
    )
    SECRET_REFUSED = (
        "secret-refused",
        "Entra ID refused the newest secret repeatedly: it is wrong or has expired.",
        "Make a new client secret for the app registration and put its value into the vault, with --output none.",
    )
    CERTIFICATE_MISSING = (
        "certificate-missing",
        "The vault has no certificate of that name, or it is disabled.",
        "Make the certificate in the vault, or enable it. Compare its name with APP_CERTIFICATE_NAME.",
    )
    CERTIFICATE_UNUSABLE = (
        "certificate-unusable",
        "What the vault has under APP_CERTIFICATE_NAME is no certificate with an RSA key that can be read.",
        "Make the certificate again, with an RSA key that may be exported: the app signs with it.",
    )
    CERTIFICATE_REFUSED = (
        "certificate-refused",
        "Entra ID refused the newest certificate repeatedly: the app registration does not have it.",
        "Put the certificate, without its key, into the app registration: Certificates & secrets, Certificates.",
    )
    FEDERATION_REFUSED = (
        "federation-refused",
        "Entra ID refused the token of the app's identity repeatedly: no federated credential fits it.",
        "Compare the app registration's federated credential with issuer, subject and audience in the message.",
    )
    # the connector
    TOKEN_REFUSED = (
        "token-refused",
        "The connector answered 401 to a new token that was made with the newest secret.",
        "Compare CONNECTOR_SCOPE, CONNECTOR_CLOUD and CONNECTOR_APP_ID with the connector's page in the Purview portal.",
    )
    JOB_MISMATCH = (
        "job-mismatch",
        "The connector answered 403: the job id and the app id do not match.",
        "CONNECTOR_JOB_ID and CONNECTOR_APP_ID do not belong together. Copy both from the connector's page in the Purview portal.",
    )
    CONNECTOR_REFUSED = (
        "connector-refused",
        "The connector rejected the request: 403, 404, 400 for the first batch, another 4xx, or an unknown 5xx.",
        "Read the reply in the outcome; compare CONNECTOR_URL with the connector's page.",
    )
    CONNECTOR_REDIRECTS = (
        "connector-redirects",
        "The connector's address answered with a redirect, which is never followed.",
        "Compare CONNECTOR_URL and CONNECTOR_CLOUD with the connector's page; the connector never redirects.",
    )
    UNTRUSTED_CERTIFICATE = (
        "untrusted-certificate",
        "The certificate that a host shows is not trusted: mostly a proxy opens the connection and shows its own.",
        (
            "Exempt the host from TLS inspection, or name a file with the proxy's authority in REQUESTS_CA_BUNDLE. A complaint "
            "about Basic Constraints, Key Usage or a Key Identifier is a fault of that authority: its owners must make a new one."
        ),
    )
    CERTIFICATES_UNUSABLE = (
        "certificates-unusable",
        "REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) names no file of certificates.",
        "Correct the path, without quotes around it, or remove the variable: then the usual authorities are trusted.",
    )
    PROXY_REFUSED = (
        "proxy-refused",
        "The proxy that HTTPS_PROXY names asks for a login or refuses the connection.",
        "Let the proxy's owners allow the hosts without a login, or list them in NO_PROXY where a direct way exists.",
    )
    REPLY_NOT_CONNECTOR = (
        "reply-not-connector",
        "A web page answered in the connector's place, mostly that of a proxy. It is unknown whether the batch arrived.",
        "Exempt the connector's host from the proxy. Read the portal's log to see what arrived, then: gatepost.py retry.",
        "person",
    )
    REPLY_UNKNOWN = (
        "reply-unknown",
        "The connector answered with a status that Gatepost does not know; the batch may have been accepted.",
        "Read the portal's log to see what arrived, then: gatepost.py retry.",
        "person",
    )
    TOO_MANY_REFUSED = (
        "too-many-refused",
        "The connector accepted other batches and refused more than 20 single records.",
        "Read the replies in the outcome, fix the exporter, then: gatepost.py retry.",
        "person",
    )
    BATCHES_TOO_SMALL = (
        "batches-too-small",
        "The connector accepts only very small batches, so the export would need more than 20,000 requests.",
        "Read the replies in the outcome. Split the export into several files, then: gatepost.py retry.",
        "person",
    )
    # state
    LEDGER_MISMATCH = (
        "ledger-mismatch",
        "Read again, the same version of the export gives other batches than its ledger has.",
        "Report this; gatepost.py resend sends the whole export again.",
        "person",
    )
    LEDGER_DAMAGED = (
        "ledger-damaged",
        "The ledger of this export cannot be read.",
        "Restore the ledger's previous version in the state container, then: gatepost.py retry.",
        "person",
    )
    EVENTS_KEY_DAMAGED = (
        "events-key-damaged",
        "The key of the index of events that were sent cannot be read.",
        "Restore keys/ in the state container, or delete it: then a new key is made, and events may go again.",
    )
    LEDGER_GONE = (
        "ledger-gone",
        "Some of the export was sent, and the ledger that says which records is gone.",
        "Restore the ledger in the state container (30 days), then: gatepost.py retry. Or send all again: gatepost.py resend.",
        "person",
    )
    NEWER_LEDGER = (
        "newer-ledger",
        "A newer Gatepost wrote the ledger of this export: the app was rolled back.",
        "Deploy the newer version again.",
    )
    WORKER_DIED = (
        "worker-died",
        "Ten starts in a row did not come to an end: memory, time limit, or a bug.",
        "Check the app's memory and time limits, then: gatepost.py retry.",
        "person",
    )
    RETRIES_EXHAUSTED = (
        "retries-exhausted",
        "The export was tried for RETRY_DAYS without success.",
        "Fix the cause, then: gatepost.py retry.",
        "person",
    )
