# The library as an image: no root, nothing to compile, static files collected while it is built. It writes to /tmp and /data/ready only.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt
COPY manage.py ./
COPY library library
COPY articles articles
COPY templates templates
RUN DATA_DIR=/data SECRET_KEY=only-while-building /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir /data/ready && /venv/bin/python -m compileall -q library articles

FROM python:3.12-slim
RUN useradd --uid 10001 --home-dir /data --no-create-home library
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build --chown=library /data /data
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data HOST=0.0.0.0 PORT=8000
USER library
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "manage.py", "serve"]
