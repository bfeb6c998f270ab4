import os
import shutil

import pytest

import agency as agency_module
import authority as authority_module
import network as network_module
import private as private_module
import writ


@pytest.fixture
def installation():
    """Files of an installation that is not started."""
    need_program()
    made = writ.Writ()
    yield made
    made.close()


@pytest.fixture
def gate(installation):
    """A running instance."""
    return installation.start()


@pytest.fixture
def root():
    if os.geteuid() != 0:
        pytest.skip("needs root")


def need_program():
    if not writ.PROGRAM.exists():
        pytest.skip(f"{writ.PROGRAM} is not built")


@pytest.fixture(scope="session")
def network():
    """Two namespaces: the gate's, and that of clients."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if not shutil.which("ip"):
        pytest.skip("ip (iproute2) is not installed")
    try:
        made = network_module.Network()
    except OSError as e:
        pytest.skip(f"no network namespaces here: {e}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def authority(network):
    """Knot DNS in the gate's namespace."""
    if not authority_module.KNOT:
        pytest.skip("knotd (knot) is not installed")
    made = authority_module.Authority(network.gate)
    yield made
    made.close()


@pytest.fixture(scope="module")
def agency(network, authority):
    """A running gate that forwards to Knot DNS; the tests of one file share it."""
    need_program()
    made = agency_module.Agency(network)
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture
def other_agency(network, authority):
    """The files of one more, for a test with settings of its own; it listens on another port."""
    need_program()
    made = agency_module.Agency(network)
    yield made
    made.close()


@pytest.fixture(scope="module")
def private(network, authority):
    """A running gate that is also reached over TLS and HTTPS; the tests of one file share it."""
    need_program()
    made = agency_module.Agency(network)
    try:
        yield private_module.offer(made).start()
    finally:
        made.close()


@pytest.fixture(scope="module")
def own(network, authority):
    """The same with a certificate of the organisation's own authority, which the gate has made."""
    need_program()
    made = agency_module.Agency(network)
    try:
        yield private_module.offer_own(made).start()
    finally:
        made.close()
