namespace Agb.PowerShell;

/// <summary>Reads the script of <c>-FilePath</c> or <c>-LiteralPath</c>. Belongs to the pipeline thread.</summary>
internal static class ScriptFile
{
    /// <summary>Reads a script.</summary>
    /// <param name="session">The base of relative paths.</param>
    /// <param name="path">The path as given.</param>
    /// <param name="isLiteral">Whether the path has no wildcards.</param>
    /// <exception cref="AgbException">FileNotFound, WrongFileType, AccessDenied, InvalidPath, InvalidCommand.</exception>
    internal static AgbScript Read(SessionState session, string path, bool isLiteral)
    {
        var full = isLiteral ? HostPath.Literal(session, path) : Single(HostPath.Matching(session, path), path);
        using var file = LocalFile.Open(full, "script");
        // One byte above the limit shows an oversized file.
        var content = new byte[AgbScript.MaxBytes + 1];
        var count = LocalFile.Guard(full, "script", () => file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
        if (count > AgbScript.MaxBytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand, $"The script '{full}' has more than {AgbScript.MaxBytes} bytes.",
                "Copy it into the session with Copy-AgbItem and run it there.", full);
        }
        return AgbScript.Read(Path.GetFileName(full), content[..count]);
    }

    private static string Single(IReadOnlyList<string> found, string path) => found.Count switch
    {
        1 => found[0],
        0 => throw new AgbException(
            AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"No file of this machine matches '{path}'.", "Check the pattern; -LiteralPath takes names with wildcard characters.", path),
        _ => throw AgbErrors.Invalid(
            AgbErrorIds.InvalidPath, $"{found.Count} files of this machine match '{path}'; only one script can run at a time.", "Name one of them.", path),
    };
}
