/// Small PNG files, 9 × 7 pixels, that ImageMagick 6.9.11 wrote, and what it reads from them: as luma of BT.601, of 16 bits
/// the nearest of 8.
struct PNGFixture {
  let name: String
  let base64: String
  let pixels: [UInt8]

  static let all = [
    PNGFixture(
      name: "rgb-interlaced",
      base64: """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAIAAAEi/sChAAAABGdBTUEAALGPC/xhBQAAACBjSFJNAAB6JgAAgIQAAPoAAACA6AAA\
        dTAAAOpgAAA6mAAAF3CculE8AAAABmJLR0QA/wD/AP+gvaeTAAAAB3RJTUUH6gsXDwA2BfMe1wAAABBjYU52AAAACQAAAAf/////\
        /////oOjcG4AAAC5SURBVAjXNcqhTkJhHMbh9+hMzEBlTrHR2CzGcwFewAl0ovfgCFwHY+cSLGwEA+FsTIJzxKPuBMoXmI2P//sz\
        +eSnsF1IApSSR9oA4pgcLsryNH6bC3jR80ajU1k6Jdk4DKQjthVhdluDc1az3NeqOvWpF1rU9NVVqvfLRjkbvN3hCDkCaKezQ29w\
        nlSsV4DBUHx++Onh6zq3j5c/dxfdjb9vo7m/+h2+v+o/sVpTTc6D3mE2bYEI/wGxbYvWxwq0xgAAACV0RVh0ZGF0ZTpjcmVhdGUA\
        MjAyNi0xMS0yM1QxNTowMDo1NCswMDowMA2T20sAAAAldEVYdGRhdGU6bW9kaWZ5ADIwMjYtMTEtMjNUMTU6MDA6NTQrMDA6MDB8\
        zmP3AAAAAElFTkSuQmCC
        """,
      pixels: [
        254, 253, 245, 221, 255, 255, 253, 252, 254,
        253, 255, 141, 79, 139, 208, 255, 255, 255,
        255, 180, 51, 59, 63, 70, 119, 191, 242,
        217, 38, 35, 50, 57, 61, 62, 73, 224,
        239, 174, 84, 31, 34, 45, 48, 183, 255,
        255, 255, 255, 196, 108, 41, 124, 255, 253,
        254, 251, 253, 255, 255, 212, 241, 253, 254,
      ]),
    PNGFixture(
      name: "gray16",
      base64: """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHEAAAAACvYOT/AAAABGdBTUEAALGPC/xhBQAAAAJiS0dE//8UqzHNAAAAB3RJTUUH6gsX\
        DwA2BfMe1wAAAIFJREFUCNdlzSEOwjAAQNG/QTATq1tKqhssoroTnGMGh8VPcIuJWk6BGCfAV5AsaUbqSsIEqhyAd4EHgLTGtRgn\
        LUAB0u5vOgqVgm8eh9e9BNXpaAabzaCj6mAN1VGwzS3jRRQVUMLiUpj7kblPYXGwgvzenL67WD+vvvHnz8T/+ANY+Sq6JZJKMQAA\
        ACV0RVh0ZGF0ZTpjcmVhdGUAMjAyNi0xMS0yM1QxNTowMDo1NCswMDowMA2T20sAAAAldEVYdGRhdGU6bW9kaWZ5ADIwMjYtMTEt\
        MjNUMTU6MDA6NTQrMDA6MDB8zmP3AAAAAElFTkSuQmCC
        """,
      pixels: [
        0, 0, 25, 53, 64, 53, 25, 0, 0,
        0, 25, 75, 112, 128, 112, 75, 25, 0,
        0, 53, 112, 165, 191, 165, 112, 53, 0,
        0, 64, 128, 191, 255, 191, 128, 64, 0,
        0, 53, 112, 165, 191, 165, 112, 53, 0,
        0, 25, 75, 112, 128, 112, 75, 25, 0,
        0, 0, 25, 53, 64, 53, 25, 0, 0,
      ]),
    PNGFixture(
      name: "palette-interlaced",
      base64: """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAMAAAGaQqfEAAAABGdBTUEAALGPC/xhBQAAACBjSFJNAAB6JgAAgIQAAPoAAACA6AAA\
        dTAAAOpgAAA6mAAAF3CculE8AAAAD1BMVEXqJRHqYQrnlxHt4Qy96ArUwxYTAAAAB3RJTUUH6gsXDwA3cvQuQQAAAC9JREFUCNcl\
        isERADAIwgK4/8xFmwcnQVgiI/A0JZFkQk/43fbKc0u9j9zg/k/yAA3cAHGQnjYBAAAAJXRFWHRkYXRlOmNyZWF0ZQAyMDI2LTEx\
        LTIzVDE1OjAwOjU1KzAwOjAwq+TQ/wAAACV0RVh0ZGF0ZTptb2RpZnkAMjAyNi0xMS0yM1QxNTowMDo1NSswMDowMNq5aEMAAAAA\
        SUVORK5CYII=
        """,
      pixels: [
        94, 94, 128, 128, 94, 128, 94, 94, 94,
        94, 128, 128, 128, 128, 128, 128, 94, 94,
        128, 94, 94, 128, 128, 128, 128, 128, 128,
        160, 160, 160, 160, 160, 160, 204, 160, 160,
        204, 204, 160, 160, 128, 160, 194, 160, 160,
        204, 204, 160, 204, 204, 194, 194, 204, 204,
        204, 204, 204, 204, 204, 204, 194, 204, 204,
      ]),
    PNGFixture(
      name: "bw",
      base64: """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAQAAAAGF52pbAAAABGdBTUEAALGPC/xhBQAAAAJiS0dEAAHdihOkAAAAB3RJTUUH6gsX\
        DwA3cvQuQQAAACBJREFUCNdjYAACByA+wGAAYjIkACEDgwQDgx0DAw8DACatAlP/lJqcAAAAJXRFWHRkYXRlOmNyZWF0ZQAyMDI2\
        LTExLTIzVDE1OjAwOjU1KzAwOjAwq+TQ/wAAACV0RVh0ZGF0ZTptb2RpZnkAMjAyNi0xMS0yM1QxNTowMDo1NSswMDowMNq5aEMA\
        AAAASUVORK5CYII=
        """,
      pixels: [
        0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 255, 255, 0, 0, 0, 0,
        0, 0, 0, 255, 255, 255, 255, 0, 0,
        0, 0, 255, 255, 255, 255, 255, 0, 0,
        0, 0, 255, 255, 255, 255, 255, 0, 0,
        0, 0, 0, 0, 255, 255, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0,
      ]),
    PNGFixture(
      name: "gray4",
      base64: """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHBAAAAAA6ANW9AAAABGdBTUEAALGPC/xhBQAAAAJiS0dEAA86Mj6jAAAAB3RJTUUH6gsX\
        DwA44ksz0AAAABBjYU52AAAACQAAAAf//////////oOjcG4AAAA1SURBVAjXASoA1f8A7uz+7uAA73N7/uAA+iIiauAAwRIiI8AA\
        6kERGvAA7vtRb+AA7u787uDr9Bc3weZIHwAAACV0RVh0ZGF0ZTpjcmVhdGUAMjAyNi0xMS0yM1QxNTowMDo1NCswMDowMA2T20sA\
        AAAldEVYdGRhdGU6bW9kaWZ5ADIwMjYtMTEtMjNUMTU6MDA6NTQrMDA6MDB8zmP3AAAAAElFTkSuQmCC
        """,
      pixels: [
        238, 238, 238, 204, 255, 238, 238, 238, 238,
        238, 255, 119, 51, 119, 187, 255, 238, 238,
        255, 170, 34, 34, 34, 34, 102, 170, 238,
        204, 17, 17, 34, 34, 34, 34, 51, 204,
        238, 170, 68, 17, 17, 17, 17, 170, 255,
        238, 238, 255, 187, 85, 17, 102, 255, 238,
        238, 238, 238, 238, 255, 204, 238, 238, 238,
      ]),
  ]
}
