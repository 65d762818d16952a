//! What Herald's web servers share: time limits, the check of names, the language of whoever asks.
//!
//! `axum` (MIT; of the tokio project) is the web server the field uses; `axum-server` (MIT) gives it time limits and TLS by
//! `rustls`; `tower-http` (MIT) the limits of a request.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode, header},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::config::Lang;

/// Whoever has not sent a request line and its headers by then is not waited for.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// The same for two pieces of a body.
const PIECE_WITHIN: Duration = Duration::from_secs(10);
/// The same for a request and the head of its answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Refuses bodies longer than this, and does not wait for whoever sends slowly.
pub fn limited<S: Clone + Send + Sync + 'static>(router: Router<S>, longest_body: usize) -> Router<S> {
    router
        .layer(DefaultBodyLimit::max(longest_body))
        .layer(RequestBodyTimeoutLayer::new(PIECE_WITHIN))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWER_WITHIN))
}

/// Serves on a listener, on this thread, until the handle ends it; every request knows the address it comes from. What is to
/// be done meanwhile goes on beside it, and ends with it.
///
/// # Errors
/// Whatever the system answers.
pub fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
    router: Router,
    meanwhile: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    runtime.block_on(async {
        tokio::spawn(meanwhile);
        match tls {
            Some(tls) => {
                let mut server = axum_server::from_tcp_rustls(listener, tls)?
                    .handle(handle)
                    .http1_only()
                    .first_request_timeout(HEADERS_WITHIN);
                server.http_builder().http1().header_read_timeout(HEADERS_WITHIN);
                server.serve(service).await
            }
            None => {
                let mut server =
                    axum_server::from_tcp(listener)?.handle(handle).http1_only().first_request_timeout(HEADERS_WITHIN);
                server.http_builder().http1().header_read_timeout(HEADERS_WITHIN);
                server.serve(service).await
            }
        }
    })
}

/// Whether the request was meant for this device: an address, or this name of its own. Any other name may have been
/// pointed here by somebody else's name server (DNS rebinding).
pub fn is_own_host(headers: &HeaderMap, own: &str) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|value| value.to_str().ok()) else { return false };
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host });
    let address = name.trim_start_matches('[').trim_end_matches(']');
    address.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(own)
}

/// The token that a request bears (RFC 6750).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// French where the browser prefers it, else English.
pub fn lang_of(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wanted.to_ascii_lowercase().starts_with("fr") { Lang::Fr } else { Lang::En }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_that_prefers_french_is_answered_in_french() {
        let mut headers = HeaderMap::new();
        assert_eq!(lang_of(&headers), Lang::En);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("fr-CA,fr;q=0.9,en;q=0.5"));
        assert_eq!(lang_of(&headers), Lang::Fr);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de,fr;q=0.9"));
        assert_eq!(lang_of(&headers), Lang::En);
    }
}
