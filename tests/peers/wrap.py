"""usage: wrap.py CAPTURE PORT FOLDER [NAME...]

Wraps every packet of an Ethernet capture of IPv4 and TCP into each encapsulation that scapy knows how to write, as if
recorded between the ends of a tunnel: FOLDER/NAME.pcap. PORT is the server's, so that both directions get outer addresses
and tunnel ids of their own. Only those NAMEd, where some are. Prints the names as JSON, with the number of packets that are in the file twice."""
import json
import logging
import sys

logging.getLogger('scapy').setLevel(logging.ERROR)
from scapy.contrib.erspan import ERSPAN_I, ERSPAN_II, ERSPAN_III  # noqa: E402
from scapy.contrib.geneve import GENEVE, GeneveOptions  # noqa: E402
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer  # noqa: E402
from scapy.contrib.mpls import EoMCW, MPLS  # noqa: E402
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap  # noqa: E402
from scapy.layers.inet import IP, TCP, UDP, fragment  # noqa: E402
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop  # noqa: E402
from scapy.layers.l2 import CookedLinux, Dot1AD, Dot1Q, Ether, GRE, LLC, SNAP  # noqa: E402
from scapy.layers.ppp import PPP, PPPoE  # noqa: E402
from scapy.layers.vxlan import VXLAN  # noqa: E402
from scapy.packet import Raw  # noqa: E402
from scapy.utils import PcapReader, PcapWriter  # noqa: E402

ETHERNET, PPP_LINK, COOKED, WIFI, RADIOTAP = 1, 9, 113, 105, 127


class Sight:
    """One packet and the side it goes to: 0 is the client's."""

    def __init__(self, number, frame, side):
        self.number, self.frame, self.side = number, frame, side
        self.ip = frame[IP]

    def ether(self, kind):
        a, b = f'02:00:00:00:00:{0x11 + self.side:x}', f'02:00:00:00:00:{0x12 - self.side:x}'
        return Ether(src=a, dst=b, type=kind)

    def ip4(self, proto):
        return self.ether(0x0800) / IP(src=f'192.0.2.{1 + self.side}', dst=f'192.0.2.{2 - self.side}', proto=proto,
                                       id=self.number & 0xffff)

    def ip6(self, nh):
        return self.ether(0x86dd) / IPv6(src=f'2001:db8::{1 + self.side}', dst=f'2001:db8::{2 - self.side}', nh=nh)

    def udp4(self, port):
        return self.ip4(17) / UDP(sport=49152 + self.side, dport=port)

    def udp6(self, port):
        return self.ip6(17) / UDP(sport=49152 + self.side, dport=port)

    @property
    def raw_frame(self):
        return Raw(bytes(self.frame))

    @property
    def raw_ip(self):
        return Raw(bytes(self.ip))

    @property
    def ip_v6(self):  # the same segment, of the same length, between other addresses
        tcp = self.ip[TCP].copy()
        del tcp.chksum
        return IPv6(src='fd00::1', dst='fd00::1') / tcp

    @property
    def raw_v6(self):
        return Raw(bytes(self.ip_v6))

    @property
    def frame_v6(self):
        return Raw(bytes(Ether(src='02:00:00:00:00:01', dst='02:00:00:00:00:02', type=0x86dd) / self.ip_v6))


def erspan(s, kind, proto, **fields):
    gre = GRE(proto=proto, seqnum_present=int(kind is not ERSPAN_I), seqence_number=s.number)
    return s.ip4(47) / gre / (kind(**fields) if kind is not ERSPAN_I else b'') / s.raw_frame


def in_fragments(s):
    whole = s.udp4(4789) / VXLAN(flags=8, vni=42) / s.raw_frame
    return fragment(whole, 200)


def in_fragments_reversed(s):
    return in_fragments(s)[::-1]


def of_fragments(s):
    return [s.udp4(4789) / VXLAN(flags=8, vni=42) / Raw(bytes(Ether(bytes(s.frame)[:14]) / part))
            for part in fragment(IP(bytes(s.ip)), 160)]


def wifi(s, **fields):
    a, b, c = (f'02:00:00:00:00:{i:02x}' for i in (0x31, 0x32, 0x33))
    return Dot11(type=2, FCfield='from-DS' if s.side else 'to-DS', addr1=a, addr2=b, addr3=c, SC=s.number % 4096 << 4, **fields)


SNAP_IPV4 = LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(OUI=0, code=0x0800)


def hop_by_hop(s):
    return s.ip6(0) / IPv6ExtHdrHopByHop(nh=4) / s.raw_ip


def plain_and_tunnel(s):  # what goes out is seen plain first, what comes in is seen in the tunnel first
    both = [s.frame, s.udp4(8472) / VXLAN(flags=8, vni=1) / s.raw_frame]
    return both if s.side == 0 else both[::-1]


def routed(s):  # a mirror of both ports of a router
    later = s.frame.copy()
    later[Ether].src, later[Ether].dst = '02:00:00:00:00:21', '02:00:00:00:00:22'
    later[IP].ttl -= 1
    del later[IP].chksum
    return [s.frame, later]


def any_interface(s):  # a pod's interface, the bridge that it is on, and the way out with a tag
    tagged = Ether(bytes(s.frame)[:12] + b'\x81\x00') / Dot1Q(vlan=7, type=0x0800) / s.raw_ip
    sights = [s.frame, s.frame, tagged]
    return sights if s.side == 0 else sights[::-1]


KINDS = {
    'plain': lambda s: s.frame,
    'vxlan': lambda s: s.udp4(4789) / VXLAN(flags=8, vni=42) / s.raw_frame,
    'vxlan-8472-ipv6': lambda s: s.udp6(8472) / VXLAN(flags=8, vni=42) / s.raw_frame,
    'vxlan-of-ipv6': lambda s: s.udp4(4789) / VXLAN(flags=8, vni=42) / s.frame_v6,
    'vxlan-policy': lambda s: s.udp4(4789) / VXLAN(flags=0x88, gpid=9, vni=42) / s.raw_frame,
    'vxlan-gpe': lambda s: s.udp4(4790) / VXLAN(flags=0x0c, NextProtocol=1, vni=42) / s.raw_ip,
    'vxlan-gpe-ethernet': lambda s: s.udp4(4790) / VXLAN(flags=0x0c, NextProtocol=3, vni=42) / s.raw_frame,
    'vxlan-fragments': in_fragments,
    'vxlan-fragments-reversed': in_fragments_reversed,
    'vxlan-of-fragments': of_fragments,
    'geneve': lambda s: s.udp4(6081) / GENEVE(vni=42, proto=0x6558) / s.raw_frame,
    'geneve-options': lambda s: s.udp6(6081) / GENEVE(vni=42, proto=0x6558, options=[
        GeneveOptions(classid=0x0102, type=0x80, data=b'12345678')]) / s.raw_frame,
    'gre': lambda s: s.ip4(47) / GRE(proto=0x0800) / s.raw_ip,
    'gre-all': lambda s: s.ip4(47) / GRE(proto=0x0800, chksum_present=1, key_present=1, key=5, seqnum_present=1,
                                         seqence_number=s.number) / s.raw_ip,
    'gre-of-ipv6': lambda s: s.ip6(47) / GRE(proto=0x86dd) / s.raw_v6,
    'gre-bridge': lambda s: s.ip4(47) / GRE(proto=0x6558, key_present=1, key=5) / s.raw_frame,
    'nvgre': lambda s: s.ip4(47) / GRE(proto=0x6558, key_present=1, key=0x123400 + 7 * s.side) / s.raw_frame,
    'erspan-1': lambda s: erspan(s, ERSPAN_I, 0x88be),
    'erspan-2': lambda s: erspan(s, ERSPAN_II, 0x88be, ver=1, session_id=3 + s.side),
    'erspan-3': lambda s: erspan(s, ERSPAN_III, 0x22eb, session_id=3 + s.side),
    'gtp': lambda s: s.udp4(2152) / GTP_U_Header(teid=0x1000 + s.side, gtp_type=255) / s.raw_ip,
    'gtp-extension': lambda s: s.udp4(2152) / GTP_U_Header(teid=0x1000 + s.side, gtp_type=255, E=1, next_ex=0x85)
    / GTPPDUSessionContainer(type=1, QFI=9) / s.raw_ip,
    'mpls': lambda s: s.ether(0x8847) / MPLS(label=100 + s.side, s=0) / MPLS(label=200, s=1) / s.raw_ip,
    'mpls-of-ipv6': lambda s: s.ether(0x8847) / MPLS(label=100 + s.side, s=1) / s.raw_v6,
    'mpls-pseudowire': lambda s: s.ether(0x8847) / MPLS(label=100 + s.side, s=1) / EoMCW(seq=s.number) / s.raw_frame,
    'pppoe': lambda s: s.ether(0x8864) / PPPoE(sessionid=7) / PPP(proto=0x21) / s.raw_ip,
    'pppoe-vlans': lambda s: s.ether(0x88a8) / Dot1AD(vlan=5, type=0x8100) / Dot1Q(vlan=6, type=0x8864)
    / PPPoE(sessionid=7) / PPP(proto=0x57) / s.raw_v6,
    'ppp': lambda s: Raw(b'\xff\x03' + bytes(PPP(proto=0x21) / s.raw_ip)),
    'cooked': lambda s: CookedLinux(pkttype=4 * s.side, proto=0x0800) / s.raw_ip,
    'wifi': lambda s: wifi(s) / SNAP_IPV4 / s.raw_ip,
    'wifi-radiotap': lambda s: RadioTap() / wifi(s, subtype=8) / Dot11QoS() / SNAP_IPV4 / s.raw_ip,
    '4in4': lambda s: s.ip4(4) / s.raw_ip,
    '6in4': lambda s: s.ip4(41) / s.raw_v6,
    '4in6': lambda s: s.ip6(4) / s.raw_ip,
    '6in6': lambda s: s.ip6(41) / s.raw_v6,
    '4in6-options': hop_by_hop,
    'vxlan-in-gre-in-mpls': lambda s: s.ether(0x8847) / MPLS(label=9, s=1) / s.ip4(47)[IP] / GRE(proto=0x0800)
    / s.udp4(4789)[IP] / VXLAN(flags=8, vni=42) / s.raw_frame,
    'plain-and-tunnel': plain_and_tunnel,
    'routed': routed,
    'any-interface': any_interface,
}
SEEN = {'plain-and-tunnel': 2, 'routed': 2, 'any-interface': 3}
LINKS = {'ppp': PPP_LINK, 'cooked': COOKED, 'wifi': WIFI, 'wifi-radiotap': RADIOTAP}


def main(capture, port, folder, *names):
    sights = []
    for number, frame in enumerate(PcapReader(capture)):
        sights.append(Sight(number, frame, int(frame[TCP].sport == port)))
    for name in names or KINDS:
        with PcapWriter(f'{folder}/{name}.pcap', linktype=LINKS.get(name, ETHERNET), nano=True) as out:
            for sight in sights:
                wrapped = KINDS[name](sight)
                for packet in wrapped if isinstance(wrapped, list) else [wrapped]:
                    packet.time = sight.frame.time
                    out.write(packet)
    print(json.dumps([{'name': name, 'seen': SEEN.get(name, 1)} for name in names or KINDS]))


main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
