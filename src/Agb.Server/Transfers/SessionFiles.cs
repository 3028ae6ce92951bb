using System.Globalization;
using Agb.Server.Tools;

namespace Agb.Server.Transfers;

/// <summary>A file in a session.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">When it was modified.</param>
/// <param name="ETag">Names this content, as far as the file system tells.</param>
internal sealed record SessionFile(long Size, DateTimeOffset ModifiedAt, string ETag);

/// <summary>Reads and writes files of sessions by commands in them, so that a session's own rights decide, and never whole in
/// memory. Paths travel in the environment, where no shell reads them.</summary>
internal sealed class SessionFiles(IAgbService service)
{
    private const int SliceBytes = 4 * 1024 * 1024;
    private const string PathVariable = "AGB_TRANSFER_PATH";

    // The file appears whole under its name, and only if all of it arrived.
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

    /// <summary>Makes a directory, if there is none.</summary>
    /// <exception cref="AgbException">WrongFileType with the reason, when it can't be made.</exception>
    internal async Task MakeDirectoryAsync(string sessionId, string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(sessionId, "mkdir -p -- \"$AGB_TRANSFER_PATH\"", path, s_slice, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!result.Success)
        {
            throw NotWritten(path, result);
        }
    }

    /// <summary>Whether there is a directory.</summary>
    internal async Task<bool> IsDirectoryAsync(string sessionId, string path, CancellationToken cancellationToken) =>
        (await RunAsync(sessionId, "[ -d \"$AGB_TRANSFER_PATH\" ]", path, s_slice, cancellationToken: cancellationToken).ConfigureAwait(false)).Success;

    /// <summary>Writes a file, making the directories above it.</summary>
    /// <exception cref="AgbException">WrongFileType with the reason, when it can't be written.</exception>
    internal async Task WriteAsync(string sessionId, string path, FileStream content, CancellationToken cancellationToken)
    {
        var result = await RunAsync(sessionId, WriteCommand, path, s_wholeFile, content, content.Length, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!result.Success)
        {
            throw NotWritten(path, result);
        }
    }

    /// <summary>Looks at a file. Links are followed.</summary>
    /// <returns>The file, or null when there is none, or it is a directory or a device.</returns>
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

    /// <summary>Reads so many bytes of a file, in slices.</summary>
    /// <exception cref="AgbException">FileNotFound when the file ends before: somebody changed it.</exception>
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
                    AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"The file '{path}' became shorter while it was read.", "Read it again.", path);
            }
            offset += slice.Length;
            // The next one is read while this one is sent.
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
        string sessionId, string command, string path, TimeSpan timeout, Stream? input = null, long size = 0, CancellationToken cancellationToken = default) =>
        service.RunCommandAsync(
            sessionId,
            new AgbCommandRequest
            {
                Command = command,
                Environment = new Dictionary<string, string>
                {
                    [PathVariable] = path,
                    ["AGB_TRANSFER_SIZE"] = size.ToString(CultureInfo.InvariantCulture),
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
        "Use a path that the session's user may write, such as one below /tmp.", path);
}
