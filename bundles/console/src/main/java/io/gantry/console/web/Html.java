package io.gantry.console.web;

/** HTML that is built so that text cannot become markup. */
final class Html {

  private final StringBuilder html = new StringBuilder();

  /** Markup of ours, as it is. */
  Html markup(String markup) {
    html.append(markup);
    return this;
  }

  /** Text from anywhere. */
  Html text(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
    return this;
  }

  /** A heading, with the class that the console's own pages use. */
  Html heading(String text) {
    return markup("<h3>").text(text).markup("</h3>\n");
  }

  /** Begins a table. */
  Html table(String id, String... titles) {
    markup("<table id=\"" + id + "\" class=\"nicetable\"><thead><tr>");
    for (String title : titles) {
      markup("<th>").text(title).markup("</th>");
    }
    return markup("</tr></thead><tbody>\n");
  }

  /** A row of a table. */
  Html row(String... cells) {
    return cells(cells).endRow();
  }

  /** The beginning of a row of a table. */
  Html cells(String... cells) {
    return markup("<tr>").moreCells(cells);
  }

  /** The next cells of a row. */
  Html moreCells(String... cells) {
    for (String cell : cells) {
      markup("<td>").text(cell).markup("</td>");
    }
    return this;
  }

  /** The next cell of a row, a moment, which is kept in one line. */
  Html time(String moment) {
    return markup("<td class=\"time\">").text(moment).markup("</td>");
  }

  /** Ends a row. */
  Html endRow() {
    return markup("</tr>\n");
  }

  /** Ends a table. */
  Html endTable() {
    return markup("</tbody></table>\n");
  }

  @Override
  public String toString() {
    return html.toString();
  }
}
