namespace Agb.PowerShell;

/// <content>Path syntax. PowerShell's defaults check for existing items, many times for each path.</content>
public sealed partial class ContextDriveProvider
{
    /// <inheritdoc/>
    protected override bool IsValidPath(string path) => true;

    /// <inheritdoc/>
    protected override string MakePath(string parent, string child) => PathText.Join(parent, child);

    /// <inheritdoc/>
    protected override string GetParentPath(string path, string root) => PathText.Parent(Separated(path), root);

    /// <inheritdoc/>
    protected override string GetChildName(string path) => PathText.Name(Separated(path));

    /// <inheritdoc/>
    protected override string NormalizeRelativePath(string path, string basePath) => PathText.Relative(path, basePath);

    /// <summary>A path with slashes in place of a pattern's backslashes. Only an item's own name may hold both a backslash and a
    /// wildcard.</summary>
    private string Separated(string path) =>
        path.LastIndexOf('\\') > path.LastIndexOf('/') && WildcardPattern.ContainsWildcardCharacters(path) && !ItemExists(path)
            ? path.Replace('\\', '/')
            : path;
}
