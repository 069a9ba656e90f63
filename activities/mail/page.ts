import { Eta } from 'eta';

export interface PageParts {
  language: string;
  subject: string;
  greeting: string;
  lines: string[];
  link?: { href: string; label: string };
  closing: string;
}

// Inline styles and one table, because that is what mail programs agree on.
const PAGE = `<!doctype html>
<html lang="<%= it.language %>">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title><%= it.subject %></title></head>
<body style="margin:0;background:#f4f4f2;color:#1d1d1b;font:16px/1.5 system-ui,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#fff"><tr><td style="padding:32px">
<p><%= it.greeting %></p>
<% it.lines.forEach((line) => { %>
<p style="white-space:pre-line"><%= line %></p>
<% }) %>
<% if (it.link) { %>
<p><a href="<%= it.link.href %>" style="display:inline-block;padding:10px 18px;background:#1d4ed8;color:#fff;text-decoration:none"><%= it.link.label %></a></p>
<% } %>
<p style="color:#5f5f5b;font-size:13px"><%= it.closing %></p>
</td></tr></table>
</td></tr></table>
</body>
</html>
`;

const eta = new Eta({ autoEscape: true, autoTrim: false });
const compiledPage = eta.compile(PAGE);

/** The HTML of a mail. Everything that is filled in is escaped: names and reasons are written by strangers. */
export function renderPage(parts: PageParts): string {
  return eta.render(compiledPage, parts);
}

/** The same as plain text. */
export function renderText({ greeting, lines, link, closing }: PageParts): string {
  const action = link ? [`${link.label}: ${link.href}`] : [];
  return [greeting, ...lines, ...action, `-- \n${closing}`].join('\n\n').concat('\n');
}
