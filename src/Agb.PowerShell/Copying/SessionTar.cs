using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Text;

namespace Agb.PowerShell;

/// <summary>The kind of entry at a path of a session.</summary>
internal enum SessionPlace
{
    Nothing,
    Directory,
    Other,
}

/// <summary>The matches of a copy's patterns in a session.</summary>
/// <param name="Paths">Absolute paths.</param>
/// <param name="Missing">Patterns without a match.</param>
/// <param name="Unnamed">The number of matches with a name that is not UTF-8: they can't be requested.</param>
/// <param name="Files">The number of files, including those in directories; 0 if unknown.</param>
/// <param name="Bytes">Their size in bytes.</param>
internal sealed record SessionMatches(IReadOnlyList<string> Paths, IReadOnlyList<string> Missing, int Unnamed, long Files, long Bytes);

/// <summary>Moves tar archives into a session and out of it, by commands in the session.</summary>
internal sealed class SessionTar(IAgbService service, string sessionId)
{
    private static readonly TimeSpan s_most = TimeSpan.FromDays(7);

    // Prints the base of a relative path, and the kind of entry at the given path.
    private const string Look =
        """
        printf '%s\n' "$PWD"; cd / && case $1 in /*) p=$1;; *) p=$OLDPWD/$1;; esac
        if [ -d "$p" ]; then echo d; elif [ -e "$p" ] || [ -L "$p" ]; then echo o; else echo n; fi
        """;

    // $1 the directory, $2 the stage's name, $3 replace, keep or force. The completely unpacked archive is moved into place: a
    // new name by one rename, otherwise file by file with links.
    private const string Unpack =
        """
        umask 022; dir=$1 stage=$1/$2 mode=$3
        command -v tar >/dev/null || { echo 'The session has no tar.' >&2; exit 1; }
        mkdir -p -- "$dir" && mkdir -m 700 -- "$stage" || exit 1
        trap 'find "$stage" -type d ! -perm -700 -exec chmod u+rwx {} + 2>/dev/null; rm -rf -- "$stage"' EXIT
        tar -x -p -f - -C "$stage" || exit 1
        cd "$stage" || exit 1
        if [ "$mode" = force ]; then
          find . -mindepth 1 -exec sh -c 'for p do d=$0/$p
            if [ -d "$p" ] && [ ! -L "$p" ]; then { [ -e "$d" ] || [ -L "$d" ]; } && [ ! -d "$d" ] && rm -f -- "$d"
            elif [ -d "$d" ] && [ ! -L "$d" ]; then rm -rf -- "$d"; fi; done; :' "$dir" {} + || exit 1
        fi
        code=0; flag=f; [ "$mode" = keep ] && flag=n
        for p in * .[!.]* ..?*; do
          [ -e "$p" ] || [ -L "$p" ] || continue
          if [ ! -e "$dir/$p" ] && [ ! -L "$dir/$p" ]; then mv -- "$p" "$dir/$p" || code=1
          elif [ -d "$p" ] && [ ! -L "$p" ]; then
            [ -d "$dir/$p" ] || { echo "A file is in the place of the directory '$dir/$p'." >&2; code=1; continue; }
            cp -al$flag -- "$p/." "$dir/$p/" 2>/dev/null || cp -a$flag -- "$p/." "$dir/$p/" || code=1
          elif [ -d "$dir/$p" ] && [ ! -L "$dir/$p" ]; then echo "A directory is in the place of '$dir/$p'." >&2; code=1
          elif [ "$mode" != keep ]; then mv -f -- "$p" "$dir/$p" || code=1; fi
        done
        exit $code
        """;

    private const string Clean = """find "$1/$2" -type d ! -perm -700 -exec chmod u+rwx {} + 2>/dev/null; rm -rf -- "$1/$2" """;

    // $1 literal or pattern, then the paths. Prints records that end with NUL: +path, -pattern, =files bytes.
    private const string Find =
        """
        how=$1; shift; IFS=
        one() { case $1 in /*) p=$1;; *) p=$PWD/$1;; esac; printf '+%s\0' "$p"
          find "$p" -type f -printf '%s\n' 2>/dev/null; }
        { for w do
          found=
          if [ $how = literal ]; then { [ -e "$w" ] || [ -L "$w" ]; } && { found=1; one "$w" >&3; }
          else for m in $w; do { [ -e "$m" ] || [ -L "$m" ]; } && { found=1; one "$m" >&3; }; done; fi
          [ -n "$found" ] || printf -- '-%s\0' "$w"
        done; } 3>&1
        """;

    // The paths, each from its own directory, so that the archive has only names.
    private const string Pack =
        """
        command -v tar >/dev/null || { echo 'The session has no tar.' >&2; exit 1; }
        n=$#; while [ $n -gt 0 ]; do p=$1; shift; d=${p%/*}; set -- "$@" -C "${d:-/}" "./${p##*/}"; n=$((n-1)); done
        if tar --version 2>/dev/null | grep -q GNU; then
          exec tar --format=pax --pax-option=delete=atime,delete=ctime --numeric-owner --owner=0 --group=0 -cf - "$@"
        fi
        exec tar -cf - "$@"
        """;

    /// <summary>The absolute form of a path in the session, and the kind of entry at it.</summary>
    internal async Task<(string Path, SessionPlace Place)> LookAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(new AgbCommandRequest { Command = Look, Arguments = [path.Length == 0 ? "." : path] }, cancellationToken).ConfigureAwait(false);
        var lines = result.Lines;
        if (!result.Success || lines.Count < 2)
        {
            throw Failed("look at the destination", result);
        }
        var full = LinuxPath.Normalize(path.StartsWith('/') ? path : $"{string.Join('\n', lines.SkipLast(1))}/{path}", "destination");
        return (full, lines[^1] switch { "d" => SessionPlace.Directory, "o" => SessionPlace.Other, _ => SessionPlace.Nothing });
    }

    /// <summary>Unpacks an archive into a directory of the session.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="directory">The directory; created if missing.</param>
    /// <param name="mode">The treatment of existing files: replace, keep, or force, which also replaces entries of another
    /// type.</param>
    /// <param name="cancellationToken">Cancels; nothing of an interrupted copy stays.</param>
    internal async Task WriteAsync(Stream archive, string directory, string mode, CancellationToken cancellationToken)
    {
        await RequireStreamsAsync(
            "copies into running sessions", "Store the files in a context with Send-AgbContextFile, and start the session with it.",
            cancellationToken).ConfigureAwait(false);
        var stage = ".agb-copy-" + Guid.NewGuid().ToString("n");
        var isDone = false;
        try
        {
            var result = await RunAsync(
                new AgbCommandRequest { Command = Unpack, Arguments = [directory, stage, mode], Input = archive, Timeout = s_most }, cancellationToken).ConfigureAwait(false);
            isDone = !result.TimedOut && result.Signal is null;
            if (!result.Success)
            {
                throw Failed($"write to '{directory}'", result);
            }
        }
        finally
        {
            if (!isDone)
            {
                // A killed command can't clean up.
                Task clean = RunAsync(new AgbCommandRequest { Command = Clean, Arguments = [directory, stage] }, CancellationToken.None);
                await clean.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Finds the matches of patterns in the session.</summary>
    internal async Task<SessionMatches> FindAsync(IReadOnlyList<string> patterns, bool isLiteral, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            new AgbCommandRequest { Command = Find, Arguments = [isLiteral ? "literal" : "pattern", .. patterns], Timeout = s_most, MaxOutputBytes = int.MaxValue / 2 },
            cancellationToken).ConfigureAwait(false);
        if (!result.Success && result.Stdout.Length == 0)
        {
            throw Failed("find the files to copy", result);
        }
        List<string> paths = [], missing = [];
        var (unnamed, files, bytes) = (0, 0L, 0L);
        foreach (var record in result.Stdout.Split('\0'))
        {
            // Sizes of the previous match come first, one on each line.
            var lines = record.Split('\n');
            var sizes = lines.TakeWhile(l => l.Length > 0 && l.All(char.IsAsciiDigit)).ToArray();
            files += sizes.Length;
            bytes += sizes.Sum(s => long.Parse(s, NumberStyles.None, CultureInfo.InvariantCulture));
            var text = string.Join('\n', lines.Skip(sizes.Length));
            if (text.Length == 0)
            {
                continue;
            }
            if (text.Contains('\uFFFD'))
            {
                unnamed++;
            }
            else
            {
                (text[0] == '+' ? paths : missing).Add(text[1..]);
            }
        }
        return new SessionMatches(paths, missing, unnamed, files, bytes);
    }

    /// <summary>Packs files of the session and passes the archive to a reader, on a pool thread.</summary>
    /// <returns>The stderr of the packing command, and whether it succeeded.</returns>
    internal async Task<(string Said, bool Success)> ReadAsync(IReadOnlyList<string> paths, Action<Stream> read, CancellationToken cancellationToken)
    {
        await RequireStreamsAsync(
            "copies out of running sessions", "Sync a context of the session with Sync-AgbContext, and get the files with Receive-AgbContextFile.",
            cancellationToken).ConfigureAwait(false);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024, minimumSegmentSize: 64 * 1024));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(
            () =>
            {
                using var archive = pipe.Reader.AsStream();
                try
                {
                    read(archive);
                    // Padding follows the archive's end, up to a whole record.
                    archive.CopyTo(Stream.Null);
                }
                catch
                {
                    over.Cancel();
                    throw;
                }
            },
            CancellationToken.None);
        AgbCommandResult result;
        try
        {
            await using var output = pipe.Writer.AsStream(leaveOpen: true);
            result = await RunAsync(new AgbCommandRequest { Command = Pack, Arguments = paths, Output = output, Timeout = s_most }, over.Token).ConfigureAwait(false);
            await pipe.Writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The reader must not take a partial archive for a whole one. The reader's own exception goes first.
            await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (reading.Exception?.InnerException is { } first && first != e && e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                ExceptionDispatchInfo.Throw(first);
            }
            throw;
        }
        await reading.ConfigureAwait(false);
        return (TextLines.Last(result.Stderr, 20, 500), result.Success);
    }

    private Task<AgbCommandResult> RunAsync(AgbCommandRequest request, CancellationToken cancellationToken) =>
        service.RunCommandAsync(new SessionId(sessionId), request, cancellationToken);

    // Asked first: the service's own error would be about stdin or bytes, and a user of the copy cmdlet asked for neither.
    private async Task RequireStreamsAsync(string what, string remedy, CancellationToken cancellationToken)
    {
        var capabilities = await service.GetCapabilitiesAsync(cancellationToken).ConfigureAwait(false);
        if (!capabilities.HasFlag(AgbCapabilities.CommandStreams))
        {
            throw new AgbException(
                AgbErrorIds.NotSupported, AgbErrorKind.InvalidState, $"The service '{service.Name}' does not offer {what}.", remedy, service.Name);
        }
    }

    private AgbException Failed(string what, AgbCommandResult result) => new(
        AgbErrorIds.CopyIncomplete, AgbErrorKind.Failed,
        $"The session '{sessionId}' could not {what}: {LimitRules.Complaint(result, TextLines.Last(result.Stderr, 5, 500))}", null, sessionId);
}
