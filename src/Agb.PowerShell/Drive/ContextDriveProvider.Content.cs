using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Agb.PowerShell;

/// <content>Get-Content, Set-Content and Add-Content.</content>
public sealed partial class ContextDriveProvider : IContentCmdletProvider
{
    /// <inheritdoc/>
    public object GetContentReaderDynamicParameters(string path) => new ContextContentParameters();

    /// <inheritdoc/>
    public object GetContentWriterDynamicParameters(string path) => new ContextContentParameters();

    /// <inheritdoc/>
    public object? ClearContentDynamicParameters(string path) => null;

    /// <inheritdoc/>
    public IContentReader? GetContentReader(string path)
    {
        var source = DrivePath.Parse(path);
        ContextContentReader? reader = null;
        Do(path, async token =>
        {
            source = await PlaceAsync(RequireChild(source), token).ConfigureAwait(false);
            var view = await ViewAsync(source, token).ConfigureAwait(false);
            var content = await view.Service.OpenContextFileAsync(
                view.Context, LinuxPath.NormalizeFile(source.Path), null, 0, token).ConfigureAwait(false);
            return () => reader = new ContextContentReader(content.Content, Parameters);
        });
        return reader;
    }

    /// <inheritdoc/>
    public IContentWriter? GetContentWriter(string path)
    {
        var target = DrivePath.Parse(path);
        ContextContentWriter? writer = null;
        Do(path, async token =>
        {
            target = await PlaceAsync(RequireChild(target), token).ConfigureAwait(false);
            var view = await ViewAsync(target, token).ConfigureAwait(false);
            if (await FindAsync(target, token).ConfigureAwait(false) is { IsContainer: true })
            {
                throw new AgbException(
                    AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"'{target}' is a directory.", "Name a file in it.", path);
            }
            return () => writer = new ContextContentWriter(view, LinuxPath.NormalizeFile(target.Path), Parameters, () => Stopping);
        });
        return writer;
    }

    /// <summary>Not supported: Set-Content would call it before writing, and other readers would see the file empty
    /// meanwhile.</summary>
    public void ClearContent(string path) => throw new PSNotSupportedException(
        "Clear-Content is not for files of contexts. Write an empty one: New-Item <path> -Force.");

    private ContextContentParameters Parameters => DynamicParameters as ContextContentParameters ?? new ContextContentParameters();
}
