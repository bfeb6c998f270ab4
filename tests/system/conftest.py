import os
import shutil

import pytest

import agency as agency_module
import authority as authority_module
import body
import network as network_module
import packet_agency as packet_agency_module
import packet_lab
import packet_servers
import private as private_module
import raw_host as raw_host_module
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


@pytest.fixture(scope="module")
def organisation(tmp_path_factory):
    """The file of a body under one order."""
    return body.write(tmp_path_factory.mktemp("organisation"))


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


def lab_of(kind):
    if os.geteuid() != 0 or not packet_lab.is_possible():
        pytest.skip("network namespaces need root and ip (iproute2)")
    made = packet_lab.Lab(kind)
    try:
        made.servers = packet_servers.Servers(made)
    except BaseException:
        made.close()
        raise
    return made


@pytest.fixture(scope="session")
def lab():
    """Clients, a router for the packet gate, one more hop, servers."""
    made = lab_of("routed")
    yield made
    made.close()


@pytest.fixture
def other_lab(request):
    """The same in another kind, which the test names: `bridged` or `host`."""
    made = lab_of(request.param)
    yield made
    made.close()


@pytest.fixture(scope="session")
def raw_host(lab):
    """A client whose packets the test makes itself."""
    made = raw_host_module.RawHost(lab)
    yield made
    made.close()


@pytest.fixture
def packet_agency(lab):
    """The files of an installation with a packet gate in the lab, for settings of the test's own."""
    need_program()
    made = packet_agency_module.PacketAgency(lab)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lab_agency(lab):
    """The same for the tests of one file, which share it: nothing is started."""
    need_program()
    made = packet_agency_module.PacketAgency(lab)
    yield made
    made.close()


@pytest.fixture(scope="module")
def packet_gate(lab):
    """A running packet gate in the lab; the tests of one file share it."""
    need_program()
    made = packet_agency_module.PacketAgency(lab)
    try:
        yield made.start()
    finally:
        made.close()
