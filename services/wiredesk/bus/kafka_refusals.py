"""Which setting matters where brokers do not let us in."""

from __future__ import annotations

from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from wiredesk import tls


def advice_of(error: BaseException) -> str:
    """The setting that matters and what is expected of it; empty where `error` may be anything else."""
    if said := tls.fault_of(error, name="WIREDESK_KAFKA"):
        return said
    match error:
        case SaslAuthenticationFailed() | AuthenticationFailedError():
            return (
                "expected WIREDESK_KAFKA_USERNAME and WIREDESK_KAFKA_PASSWORD of a user that they know for "
                "WIREDESK_KAFKA_SASL_MECHANISM"
            )
        case UnsupportedSaslMechanismError():
            return "expected another WIREDESK_KAFKA_SASL_MECHANISM"
        case IllegalSaslStateError():
            return "expected another WIREDESK_KAFKA_SECURITY: they ask for no password on this port"
        case KafkaConnectionError() if "closed" in str(error).lower():
            return (
                "expected the WIREDESK_KAFKA_SECURITY of this port, and WIREDESK_KAFKA_CERT_FILE where it asks for one"
            )
    return ""
