# Caddy for an unprivileged user. The official binary carries a file capability, and a container without capabilities
# may not execute such a file; ports above 1024 need none.
FROM caddy:2.10-alpine
RUN setcap -r /usr/bin/caddy \
    && chown -R 10002:10002 /data /config
COPY docker/Caddyfile /etc/caddy/Caddyfile
USER 10002:10002
EXPOSE 8443
HEALTHCHECK --interval=30s --timeout=5s --retries=3 \
    CMD ["wget", "--quiet", "--output-document=/dev/null", "http://127.0.0.1:8081/healthz"]
