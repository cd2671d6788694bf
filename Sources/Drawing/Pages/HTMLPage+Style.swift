extension HTMLPage {
  /// The page's looks: the colours are those of its pictures.
  static let stylesheet = """
    :root{\(colors(\.light))}
    @media (prefers-color-scheme:dark){:root{\(colors(\.dark))}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 \(Theme.fontFamily)}
    main{max-width:1040px;margin:0 auto;padding:24px 20px 64px}
    h1{font-size:1.75rem;line-height:1.2;margin:.5em 0;overflow-wrap:anywhere}
    h2{font-size:1.3rem;margin:2em 0 .5em}
    h3{font-size:1.05rem;margin:1.5em 0 .5em;overflow-wrap:anywhere}
    p{max-width:44em;overflow-wrap:anywhere}
    .note,.key span{color:var(--muted)}
    .note{font-size:.9375rem}
    .formula{font:italic 1.05rem/1.5 Cambria,Georgia,'Times New Roman',serif;margin:.5em 0}
    sub{font-size:.75em;line-height:0}
    figure{margin:1em 0}
    figure svg{display:block;max-width:100%;height:auto}
    figcaption{color:var(--muted);font-size:.875rem}
    .narrow{display:none}
    @media (max-width:640px){.narrow{display:block}.wide{display:none}}
    .table{overflow-x:auto;margin:1em 0}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums}
    th,td{padding:.3em 1.2em .3em 0;border-bottom:1px solid var(--grid);text-align:left;white-space:nowrap}
    th{color:var(--muted);font-weight:600}
    th:first-child,td:first-child{position:sticky;left:0;background:var(--ground)}
    .number{text-align:right}
    .key{list-style:none;margin:1em 0;padding:0}
    .key li{margin:.25em 0;overflow-wrap:anywhere}
    .spot{display:inline-block;width:.8em;height:.8em;border-radius:50%;margin-right:.5em}
    .gallery,.pictures{display:grid;gap:16px}
    .pictures{gap:12px;margin:1em 0}
    .gallery figure,.pictures figure{margin:0}
    .gallery h3{margin-top:.5em}
    .pictures img{display:block;image-rendering:pixelated;height:auto;max-width:100%}
    .pictures b{color:var(--ink)}
    summary{cursor:pointer;color:var(--muted);margin:1em 0}
    """

  private static func colors(_ look: KeyPath<ColorRole, RGB>) -> String {
    ([Theme.ground, Theme.ink, Theme.muted, Theme.grid] + Theme.palette)
      .map { "--\($0.name):\($0[keyPath: look].hex)" }.joined(separator: ";")
  }
}
