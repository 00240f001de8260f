/** Why a broker is not connected, in one line that says what to do where that is known. */
export function troubleOf(error: Error & { readonly code?: unknown }): string {
  const { message, code } = error;
  const detail = message || String(code ?? 'no reason was given');
  switch (code) {
    case 2:
      return `the broker refuses this client's name (${detail})`;
    case 4:
    case 5:
    case 134:
    case 135:
      return `the broker refuses the user or the password (${detail})`;
    case 'ECONNREFUSED':
      return `nothing listens there; check host and port (${detail})`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host is not found (${detail})`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `the host does not answer (${detail})`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `its certificate is of no authority that is known here; set "ca" to the certificate of its authority (${detail})`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `its certificate is not valid now (${detail})`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another host (${detail})`;
    default:
      if (typeof code === 'string' && code.startsWith('ERR_SSL'))
        return `it speaks no TLS, or another version; mqtt:// is without (${detail})`;
      return /connack timeout/i.test(message)
        ? `it does not answer as a broker (${detail})`
        : detail;
  }
}
