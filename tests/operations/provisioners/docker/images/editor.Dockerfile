# A stub of code-server that starts immediately, with Python for the tests.
FROM python:3.12-slim-bookworm
RUN useradd --uid 1000 --create-home coder && echo 'from the image' >/home/coder/.profile
COPY editor.py /editor.py
USER 1000
WORKDIR /home/coder
ENTRYPOINT ["python", "/editor.py"]
