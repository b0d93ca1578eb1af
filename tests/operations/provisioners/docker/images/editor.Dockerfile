# Stands in for code-server: it starts in a moment, and has a Python to try things with.
FROM python:3.12-slim-bookworm
RUN useradd --uid 1000 --create-home coder && echo 'from the image' >/home/coder/.profile
COPY editor.py /editor.py
USER 1000
WORKDIR /home/coder
ENTRYPOINT ["python", "/editor.py"]
