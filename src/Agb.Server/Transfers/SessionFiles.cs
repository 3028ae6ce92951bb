using System.Globalization;

namespace Agb.Server;

/// <summary>A file in a session.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="ModifiedAt">The time of its last modification.</param>
/// <param name="ETag">Identifies this content, as far as the file system can.</param>
internal sealed record SessionFile(long Size, DateTimeOffset ModifiedAt, string ETag);

/// <summary>Reads and writes files of sessions by commands in them, with the session's rights and in slices, never whole in
/// memory. Paths are passed in the environment, safe from the shell.</summary>
internal sealed class SessionFiles(IAgbService service)
{
    private const int SliceBytes = 4 * 1024 * 1024;
    private const string PathVariable = "AGB_TRANSFER_PATH";

    // Atomic: the file appears under its name only after all of it arrived.
    private const string WriteCommand =
        """
        set -e
        d=$(dirname -- "$AGB_TRANSFER_PATH")
        mkdir -p -- "$d"
        t=$(mktemp -- "$d/.agb-transfer-XXXXXXXX")
        trap 'rm -f -- "$t"' EXIT
        cat > "$t"
        [ "$(stat -c %s -- "$t")" = "$AGB_TRANSFER_SIZE" ] || { echo "only a part of the file arrived" >&2; exit 1; }
        chmod 644 -- "$t"
        mv -fT -- "$t" "$AGB_TRANSFER_PATH"
        trap - EXIT
        """;

    private static readonly TimeSpan s_wholeFile = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_slice = TimeSpan.FromMinutes(5);

    /// <summary>Makes a directory, if missing.</summary>
    /// <exception cref="AgbException">WrongFileType with the reason, if it can't be made.</exception>
    internal async Task MakeDirectoryAsync(string sessionId, string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(sessionId, "mkdir -p -- \"$AGB_TRANSFER_PATH\"", path, s_slice, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!result.Success)
        {
            throw NotWritten(path, result);
        }
    }

    /// <summary>Whether the directory exists.</summary>
    internal async Task<bool> IsDirectoryAsync(string sessionId, string path, CancellationToken cancellationToken) =>
        (await RunAsync(sessionId, "[ -d \"$AGB_TRANSFER_PATH\" ]", path, s_slice, cancellationToken: cancellationToken).ConfigureAwait(false)).Success;

    /// <summary>Writes a file and creates its parent directories.</summary>
    /// <exception cref="AgbException">WrongFileType with the reason, if it can't be written.</exception>
    internal async Task WriteAsync(string sessionId, string path, FileStream content, CancellationToken cancellationToken)
    {
        var result = await RunAsync(sessionId, WriteCommand, path, s_wholeFile, content, cancellationToken).ConfigureAwait(false);
        if (!result.Success)
        {
            throw NotWritten(path, result);
        }
    }

    /// <summary>Finds a file. Links are followed.</summary>
    /// <returns>The file; null if missing, or a directory or device.</returns>
    internal async Task<SessionFile?> FindAsync(string sessionId, string path, CancellationToken cancellationToken)
    {
        // Only regular files: a pipe or a device has no end.
        var result = await RunAsync(
            sessionId, "[ -f \"$AGB_TRANSFER_PATH\" ] && stat -L -c '%s %Y %Z %i' -- \"$AGB_TRANSFER_PATH\"", path, s_slice,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        var fields = result.Stdout.Split(' ', StringSplitOptions.TrimEntries);
        return result.Success && fields.Length == 4 && SessionTime.Read(fields[1]) is { } modified
            && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new SessionFile(size, modified, string.Join('-', fields))
            : null;
    }

    /// <summary>Reads a number of bytes of a file, in slices.</summary>
    /// <exception cref="AgbException">FileNotFound if the file ends early, after a change by another program.</exception>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string sessionId, string path, long offset, long length, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = offset + length;
        var next = SliceAsync(sessionId, path, offset, end, cancellationToken);
        while (offset < end)
        {
            var slice = await next.ConfigureAwait(false);
            if (slice.Length == 0)
            {
                throw new AgbException(
                    AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"The file '{path}' became shorter during the read.", "Read it again.", path);
            }
            offset += slice.Length;
            // Read the next slice during the transfer of this one.
            next = SliceAsync(sessionId, path, offset, end, cancellationToken);
            yield return slice;
        }
    }

    private async Task<byte[]> SliceAsync(string sessionId, string path, long offset, long end, CancellationToken cancellationToken)
    {
        var count = Math.Min(SliceBytes, end - offset);
        if (count == 0)
        {
            return [];
        }
        var command = string.Create(CultureInfo.InvariantCulture, $"tail -c +{offset + 1} -- \"$AGB_TRANSFER_PATH\" | head -c {count}");
        var result = await RunAsync(sessionId, command, path, s_slice, cancellationToken: cancellationToken).ConfigureAwait(false);
        return result.Success
            ? result.GetStdoutBytes()
            : throw new AgbException(
                AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"The file '{path}' of the session can't be read: {LimitRules.Complaint(result)}", null, path);
    }

    private Task<AgbCommandResult> RunAsync(
        string sessionId, string command, string path, TimeSpan timeout, FileStream? input = null, CancellationToken cancellationToken = default) =>
        service.RunCommandAsync(
            new SessionId(sessionId),
            new AgbCommandRequest
            {
                Command = command,
                Environment = new Dictionary<string, string>
                {
                    [PathVariable] = path,
                    ["AGB_TRANSFER_SIZE"] = (input?.Length ?? 0).ToString(CultureInfo.InvariantCulture),
                    ["LC_ALL"] = "C",
                },
                WorkingDirectory = "/",
                Timeout = timeout,
                Input = input,
                MaxOutputBytes = SliceBytes,
            },
            cancellationToken);

    private static AgbException NotWritten(string path, AgbCommandResult result) => new(
        AgbErrorIds.WrongFileType, AgbErrorKind.InvalidState,
        $"'{path}' can't be written in the session: {(result.TimedOut ? "it took too long" : LimitRules.Complaint(result).TrimEnd('.'))}.",
        "Use a path writable by the session's user, for example below /tmp.", path);
}
