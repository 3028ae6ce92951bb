namespace Agb.Server;

/// <summary>Reads and writes files of sessions.</summary>
internal static class ToolFiles
{
    // One byte above the limit of an answer, to detect larger files.
    private const long Most = SessionScript.MaxAnswerBytes + 1L;

    /// <summary>Reads a part of a file.</summary>
    /// <param name="call">The call.</param>
    /// <param name="path">The file.</param>
    /// <param name="offset">The start, in bytes.</param>
    /// <param name="length">The number of bytes; 0 for all to the end. Reading stops at the limit of an answer: a device has no
    /// end, and a sparse file can have exabytes.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal static Task<byte[]> ReadAsync(ToolCall call, string path, long offset, long length, CancellationToken cancellationToken) =>
        SessionScript.RunAsync(
            call,
            """
            [ -d "$P" ] && { echo "$P is a directory." >&2; exit 1; }
            [ -e "$P" ] || { echo "$P: no such file." >&2; exit 1; }
            [ -r "$P" ] || { echo "$P may not be read." >&2; exit 1; }
            if [ "$L" != 0 ]; then
                tail -c "+$O" -- "$P" 2>/dev/null | head -c "$L"
            else
                exec 3>&1
                end=$({ { tail -c "+$O" -- "$P"; echo $? >&4; } | head -c "$M" >&3; } 4>&1)
                # 141: ended by SIGPIPE, so that there was more than is read.
                [ "$end" = 141 ] || exit "$end"
            fi
            """,
            cancellationToken, null,
            ("P", path), ("O", (offset + 1).ToString(CultureInfo.InvariantCulture)), ("L", Math.Min(length, Most).ToString(CultureInfo.InvariantCulture)), ("M", Most.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Runs a script with content on stdin, for writing to a file.</summary>
    internal static async Task WriteAsync(ToolCall call, string path, string script, byte[] content, CancellationToken cancellationToken)
    {
        using var input = new MemoryStream(content);
        await SessionScript.RunAsync(call, script, cancellationToken, input, ("P", path)).ConfigureAwait(false);
    }
}
