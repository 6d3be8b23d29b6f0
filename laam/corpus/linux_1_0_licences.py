"""What Linux 1.0 says about its licences if no known wording decides: each row names the place of the words it rests on."""

from laam.corpus.licences import Licence, LicenceTable

_SRC = "drivers/net/LICENSE.SRC:4"  # on what was written at the Supercomputing Research Center: the GPL and more disclaimers
_SRC_UNSETTLED = (
    "the file says 'GPL as modified by SRC' and nothing of the modification; drivers/net/LICENSE.SRC, which no file names, adds "
    "disclaimers to a GPL without a version"
)
_NO_TERMS = "the file names no terms, and the folder's COPYING names another holder"
_TAKEN_FROM = "the file says (line 10) that the original was taken from "

TABLE = LicenceTable(
    release=Licence("GPL-2.0-only", "COPYING"),  # how the kernel's own tags of today read it
    unsettled="COPYING has version 2 of the GPL, and no word on whether later versions may be chosen; by section 9 the recipient may "
    "choose any if a program names no version, and whether COPYING names one for these files is not settled",
    folders={
        "drivers/FPU-emu/": Licence("GPL-2.0-only", "drivers/FPU-emu/README:8"),
        "drivers/sound/": Licence("BSD-2-Clause", "drivers/sound/COPYING:4"),
    },
    files={
        "drivers/char/tpqic02.c": Licence(
            "LicenseRef-tpqic02",
            "drivers/char/tpqic02.c:11",
            "the file reserves all rights and allows executables if their source goes with them; it forbids changing its notice (line 27), "
            "and doesn't say whether the rest may be changed",
        ),
        "drivers/net/3c507.c": Licence("LicenseRef-GPL-as-modified-by-SRC", "drivers/net/3c507.c:6", _SRC_UNSETTLED),
        "drivers/net/8390.h": Licence("GPL-1.0-or-later", "drivers/net/8390.h:2"),  # that of the 8390 drivers: 8390.c, line 7
        "drivers/net/atp.c": Licence("LicenseRef-GPL-as-modified-by-SRC", "drivers/net/atp.c:6", _SRC_UNSETTLED),
        "drivers/net/auto_irq.c": Licence(
            "GPL-1.0-or-later", _SRC, "the file names no terms, only an address at SRC, and drivers/net/LICENSE.SRC no file names"
        ),
        "drivers/net/eexpress.c": Licence("LicenseRef-GPL-as-modified-by-SRC", "drivers/net/eexpress.c:6", _SRC_UNSETTLED),
        "drivers/net/net_init.c": Licence("LicenseRef-GPL-as-modified-by-SRC", "drivers/net/net_init.c:6", _SRC_UNSETTLED),
        "drivers/net/skeleton.c": Licence("LicenseRef-GPL-as-modified-by-SRC", "drivers/net/skeleton.c:6", _SRC_UNSETTLED),
        "drivers/sound/dma.h": Licence(
            "GPL-2.0-only",
            "COPYING",
            "the file names no terms; it is a changed copy of include/asm/dma.h, in a folder whose own COPYING is 2-clause BSD",
        ),
        "drivers/sound/gus_vol.c": Licence("BSD-2-Clause", "drivers/sound/COPYING:4", _NO_TERMS),
        "drivers/sound/pas.h": Licence(
            "LicenseRef-pas",
            "drivers/sound/pas.h:4",
            "the file prohibits uses without one kind of sound card; the folder's COPYING is 2-clause BSD, and the release's the GPL",
        ),
        "fs/isofs/util.c": Licence(
            "GPL-2.0-only", "COPYING", "the file names no terms, and says (line 8) that it was taken whole from another system"
        ),
        **{
            f"include/linux/{name}": Licence("GPL-2.0-or-later", f"include/linux/{name}:{line}", _TAKEN_FROM + source)
            for name, line, source in (
                ("if.h", 15, "Berkeley UNIX 4.3"),
                ("if_arp.h", 16, "Berkeley UNIX 4.3, and (line 11) portions from KA9Q/NOS"),
                ("in.h", 14, "the GNU Project, and not under which of its licences"),
                ("in_systm.h", 14, "Berkeley BSD UNIX 4.3-RENO"),
                ("route.h", 14, "Berkeley UNIX 4.3"),
            )
        },
        "include/linux/iso_fs.h": Licence(
            "GPL-2.0-only", "COPYING", "the file names no terms, and says (line 10) that a part is from another system"
        ),
        "include/linux/resource.h": Licence(
            "GPL-2.0-only", "COPYING", "the file names no terms, and says (line 9) that a part is from BSD 4.3 Reno"
        ),
        "include/linux/tpqic02.h": Licence(
            "LicenseRef-all-rights-reserved",
            "include/linux/tpqic02.h:5",
            "the file reserves all rights and grants none; whether COPYING or the terms of tpqic02.c cover it, no file says",
        ),
        "tools/version.c": Licence(
            "LicenseRef-as-part-of-Linux",
            "tools/version.c:6",
            "the file may be distributed as part of Linux; whether COPYING covers it beside that, it doesn't say",
        ),
        "zBoot/crypt.h": Licence(
            "GPL-2.0-only", "COPYING", "the file names no terms; it says (line 2) that it is hardly worth a copyright"
        ),
        "zBoot/inflate.c": Licence(
            "LicenseRef-public-domain",
            "zBoot/inflate.c:3",
            "the file says that it is not copyrighted, and (line 7) that another hand adapted it, with no terms for that",
        ),
        "zBoot/misc.c": Licence(
            "GPL-2.0-only",
            "COPYING",
            "the file names no terms; it says (line 4) that its routines are from gzip, and of one (line 252) that it is not copyrighted",
        ),
        "zBoot/unzip.c": Licence(
            "GPL-2.0-only", "zBoot/unzip.c:7", "the file says (line 9) that its code is derived from a file in the public domain"
        ),
    },
    names={
        "LicenseRef-GPL-as-modified-by-SRC": "GPL 'as modified by SRC'",
        "LicenseRef-all-rights-reserved": "all rights reserved",
        "LicenseRef-as-part-of-Linux": "own terms (distributed as part of Linux)",
        "LicenseRef-pas": "own terms (for one kind of sound card)",
        "LicenseRef-public-domain": "not copyrighted, by its own words",
        "LicenseRef-tpqic02": "own terms (source goes with executables)",
    },
)
