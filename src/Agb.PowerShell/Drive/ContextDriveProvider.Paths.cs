namespace Agb.PowerShell.Drive;

/// <content>The text of paths. PowerShell's own answers ask whether items are there, many times for each.</content>
public sealed partial class ContextDriveProvider
{
    /// <inheritdoc/>
    protected override bool IsValidPath(string path) => true;

    /// <inheritdoc/>
    protected override string MakePath(string parent, string child) => PathText.Join(parent, child);

    /// <inheritdoc/>
    protected override string GetParentPath(string path, string root) => PathText.Parent(path, root);

    /// <inheritdoc/>
    protected override string GetChildName(string path) => PathText.Name(path);

    /// <inheritdoc/>
    protected override string NormalizeRelativePath(string path, string basePath) => PathText.Relative(path, basePath);
}
