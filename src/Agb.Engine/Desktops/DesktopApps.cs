using System.Text.RegularExpressions;

namespace Agb.Engine;

/// <summary>Installed apps: the known ones first, then the entries of the session (desktop entry specification).</summary>
internal static partial class DesktopApps
{
    // Without questions at the first start and after a crash.
    private const string BrowserOptions =
        $" --user-data-dir={AgbBrowserRequest.ProfileDirectory} --no-first-run --no-default-browser-check --password-store=basic --disable-breakpad --hide-crash-restore-bubble";

    private static readonly (string Name, string Program, string Options)[] s_known =
    [
        ("Terminal", "xterm", " -fa Monospace -fs 11"),
        ("Text Editor", "mousepad", ""),
        ("File Manager", "pcmanfm", ""),
    ];

    // Parts of the desktop itself, and other starts of the known apps.
    private static readonly string[] s_left = ["openbox", "x11vnc", "uxterm", "chromium", "google-chrome", "google-chrome-stable"];

    /// <summary>Reads the entries printed by the script <c>apps</c>.</summary>
    internal static IReadOnlyList<Entry> Parse(string text)
    {
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        Entry? current = null;
        var isInGroup = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.EndsWith(".desktop", StringComparison.Ordinal) && line.StartsWith('/'))
            {
                // An entry of the user replaces that of the system.
                current = new Entry();
                entries.TryAdd(Path.GetFileName(line), current);
            }
            else if (line.StartsWith('['))
            {
                isInGroup = line == "[Desktop Entry]";
            }
            else if (isInGroup && line.IndexOf('=') is > 0 and var equals)
            {
                current?.Values.TryAdd(line[..equals], line[(equals + 1)..].Trim());
            }
        }
        return [.. entries.Values.Where(e => e.IsShown)];
    }

    /// <summary>The programs to look for, of the known apps and of entries.</summary>
    internal static IReadOnlyList<string> Programs(IReadOnlyList<Entry> entries) =>
        [.. s_known.Select(k => k.Program).Concat(entries.SelectMany(e => (string[])[e.Program, e.Get("TryExec") ?? e.Program])).Distinct(StringComparer.Ordinal)];

    /// <summary>The apps that can run.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="present">The programs that are there.</param>
    /// <param name="browser">The browser's program, or null.</param>
    internal static IEnumerable<(string Name, string Command)> Of(IReadOnlyList<Entry> entries, IReadOnlySet<string> present, string? browser)
    {
        if (browser is not null)
        {
            yield return ("Google Chrome", browser + BrowserOptions);
        }
        foreach (var (name, program, options) in s_known.Where(k => present.Contains(k.Program)))
        {
            yield return (name, program + options);
        }
        var taken = s_known.Select(k => k.Program).Concat(s_left).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in entries.OrderBy(e => e.Get("Name"), StringComparer.Ordinal))
        {
            var canRun = present.Contains(entry.Program) && present.Contains(entry.Get("TryExec") ?? entry.Program);
            if (canRun && !taken.Contains(Path.GetFileName(entry.Program)) && (!entry.NeedsTerminal || present.Contains("xterm")))
            {
                yield return (entry.Get("Name")!, entry.NeedsTerminal ? $"xterm -e {entry.Command}" : entry.Command);
            }
        }
    }

    /// <summary>One entry.</summary>
    internal sealed partial class Entry
    {
        /// <summary>Its keys and values.</summary>
        internal Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether people see it.</summary>
        internal bool IsShown => Get("Type") == "Application" && Get("Name") is { Length: > 0 } && Program.Length > 0
            && Get("NoDisplay") != "true" && Get("Hidden") != "true" && Get("OnlyShowIn") is null;

        /// <summary>Whether it shows itself in a terminal.</summary>
        internal bool NeedsTerminal => Get("Terminal") == "true";

        /// <summary>The command line, without the places for files.</summary>
        internal string Command => FieldCode().Replace(Get("Exec")?.Replace(@"\\", @"\", StringComparison.Ordinal) ?? "", m => m.Value == "%%" ? "%" : "").Trim();

        /// <summary>The program of the command line.</summary>
        internal string Program => Command.StartsWith('"') ? Command.Split('"')[1] : Command.Split(' ')[0];

        /// <summary>A value, or null.</summary>
        internal string? Get(string key) => Values.GetValueOrDefault(key);

        [GeneratedRegex("%[a-zA-Z%]")]
        private static partial Regex FieldCode();
    }
}
