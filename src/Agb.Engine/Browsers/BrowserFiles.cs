namespace Agb.Engine;

/// <summary>The files of a session for the start of its browser, found before it.</summary>
/// <param name="Program">The browser's program.</param>
/// <param name="Version">Its version, if asked for.</param>
/// <param name="Extensions">The extensions: directories and zips.</param>
internal sealed record BrowserFiles(string Program, string? Version, IReadOnlyList<BrowserExtension> Extensions)
{
    // The parts of the answer end with NUL: names may hold line ends.
    private const string Script =
        """
        program=$1; found=$2; shift 2
        if [ -n "$program" ]; then v=$("$program" --version 2>/dev/null); else v=; fi
        printf '%s\0' "$v"
        tell() {
          if [ -d "$1" ]; then printf '%s\0' d "$(stat -c %Y "$1/manifest.json" 2>/dev/null)" "$1"
          elif [ -f "$1" ]; then printf '%s\0' f "$(stat -c '%s %Y %i' "$1")" "$1"
          else printf '%s\0' n '' "$1"; fi
        }
        for e in "$@"; do tell "$e"; done
        for e in "$found"/*; do
          case $e in
            *.part | "$found/*") ;;
            *.zip) tell "$e" ;;
            *) if [ -f "$e/manifest.json" ]; then tell "$e"; fi ;;
          esac
        done
        """;

    // unzip and python3 write no file outside of the directory.
    private const string UnpackScript =
        """
        zip=$1; to=$2; part=$to.part
        rm -rf "$part" && mkdir -p "$part" || exit 1
        if command -v unzip >/dev/null; then unzip -qq -o "$zip" -d "$part" </dev/null; code=$?; [ $code -le 1 ] || { rm -rf "$part"; exit 1; }
        elif command -v python3 >/dev/null; then python3 -m zipfile -e "$zip" "$part" || { rm -rf "$part"; exit 1; }
        elif command -v bsdtar >/dev/null; then bsdtar -x -f "$zip" -C "$part" || { rm -rf "$part"; exit 1; }
        else echo 'the session has no unzip, python3 or bsdtar' >&2; rm -rf "$part"; exit 1; fi
        [ -f "$part/manifest.json" ] || { echo 'it has no manifest.json at its top' >&2; rm -rf "$part"; exit 1; }
        rm -rf "$to" && mv "$part" "$to"
        """;

    /// <summary>The state of the extensions' files: another one needs another start.</summary>
    internal IReadOnlyList<string> Sources => [.. Extensions.Select(e => $"{e.Stamp} {e.Path}")];

    /// <summary>Looks for the program and the extensions.</summary>
    /// <exception cref="AgbException">HostNotReady without a program; InvalidBrowserOption for a missing extension.</exception>
    internal static async Task<BrowserFiles> FindAsync(
        BrowserSession session, ISandboxDriver driver, AgbBrowserRequest request, CancellationToken cancellationToken)
    {
        var program = ImageNeeds.RequireBrowser(session.Image, request.Type == AgbBrowserType.Chrome);
        var needsVersion = request is { Stealth: true, UserAgent: null };
        if (!needsVersion && request.Extensions.Count == 0 && !MayHaveMore(session))
        {
            return new BrowserFiles(program, null, []);
        }
        var outcome = await session.RunAsync(
            driver, Script, [needsVersion ? program : "", AgbBrowserRequest.ExtensionDirectory, .. request.Extensions], null, cancellationToken)
            .ConfigureAwait(false);
        var parts = Encoding.UTF8.GetString(outcome.Stdout).Split('\0');
        if (parts is not [var version, .. var rest] || outcome.ExitCode != 0 || rest.Length % 3 != 1)
        {
            throw BrowserErrors.StartFailed(session.Id, "The session can't be searched for the browser: " + Encoding.UTF8.GetString(outcome.Stderr).Trim());
        }
        var extensions = rest.SkipLast(1).Chunk(3).Select(c => new BrowserExtension(c[2], c[0] == "f", c[1])).DistinctBy(e => e.Path).ToArray();
        if (Array.Find(rest.SkipLast(1).Chunk(3).ToArray(), c => c[0] == "n") is { } missing)
        {
            throw BrowserErrors.Extension(missing[2], "it does not exist in the session");
        }
        return new BrowserFiles(program, version.Length == 0 ? null : version, Directories(extensions));
    }

    /// <summary>Whether the session may have extensions besides the named ones, as a quick look.</summary>
    private static bool MayHaveMore(BrowserSession session)
    {
        try
        {
            using var directory = SessionRootView.Open(session.Sandbox, AgbBrowserRequest.ExtensionDirectory);
            return DirectoryReader.Names(directory).Count > 0;
        }
        catch (PosixException e)
        {
            // A link, for example, is left to the session's own look.
            return e.Errno != Errno.ENOENT;
        }
    }

    // A directory made of a zip, and named too, is one extension.
    private static BrowserExtension[] Directories(BrowserExtension[] found)
    {
        var made = found.Where(e => e.IsArchive).ToLookup(e => e.Directory);
        foreach (var same in made.Where(m => m.Count() > 1))
        {
            throw BrowserErrors.Extension(same.Last().Path, $"'{same.First().Path}' is unpacked to the same directory");
        }
        foreach (var comma in found.Where(e => e.Path.Contains(',')))
        {
            throw BrowserErrors.Extension(comma.Path, "its name holds a comma, the separator of the browser's list");
        }
        return [.. found.Where(e => e.IsArchive || !made.Contains(e.Path))];
    }

    /// <summary>Unpacks the zips, as the session's user and inside the session.</summary>
    /// <exception cref="AgbException">InvalidBrowserOption for a damaged one.</exception>
    internal async Task UnpackAsync(BrowserSession session, ISandboxDriver driver, CancellationToken cancellationToken)
    {
        foreach (var archive in Extensions.Where(e => e.IsArchive))
        {
            var outcome = await session.RunAsync(driver, UnpackScript, [archive.Path, archive.Directory], null, cancellationToken).ConfigureAwait(false);
            if (outcome.ExitCode != 0)
            {
                var lines = Encoding.UTF8.GetString(outcome.Stderr).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                throw BrowserErrors.Extension(
                    archive.Path, outcome.TimedOut ? "unpacking takes too long" : lines.LastOrDefault() ?? $"unpacking ended with code {outcome.ExitCode}");
            }
        }
    }
}

/// <summary>An extension in a session.</summary>
/// <param name="Path">Its directory or zip.</param>
/// <param name="IsArchive">Whether it is a zip.</param>
/// <param name="Stamp">The file's size and time.</param>
internal sealed record BrowserExtension(string Path, bool IsArchive, string Stamp)
{
    /// <summary>The directory with its manifest, for a zip after its unpacking.</summary>
    internal string Directory => IsArchive ? $"{AgbBrowserRequest.ExtensionDirectory}/{System.IO.Path.GetFileNameWithoutExtension(Path)}" : Path;
}
