using Agb.Browser;

namespace Agb.PowerShell.Commands;

/// <summary><c>Save-AgbScreenshot</c>: saves a picture of a page, or of the desktop of a session.</summary>
[Cmdlet(VerbsData.Save, "AgbScreenshot", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class SaveAgbScreenshotCommand : AgbPageCmdlet
{
    private string _path = "";
    private AgbPictureFormat _format;
    private bool _isTaken;

    /// <summary>The file on this machine.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The file on this machine; its extension gives the format: .png, .jpg or .jpeg.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Whether to take the whole page.</summary>
    [Parameter(HelpMessage = "Take the whole page, and not its visible part alone.")]
    public SwitchParameter FullPage { get; set; }

    /// <summary>The quality of a JPEG.</summary>
    [Parameter(HelpMessage = "The quality of the JPEG of a page, 0 to 100. Default: 80.")]
    [ValidateRange(0, 100)]
    public int Quality { get; set; } = 80;

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        _path = HostPath.Literal(SessionState, Path);
        _format = System.IO.Path.GetExtension(_path).ToUpperInvariant() switch
        {
            ".PNG" => AgbPictureFormat.Png,
            ".JPG" or ".JPEG" => AgbPictureFormat.Jpeg,
            var other => throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The extension '{other}' of the file '{Path}' names no format of pictures; expected .png, .jpg or .jpeg.", target: Path),
        };
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Quality)) && _format != AgbPictureFormat.Jpeg)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "-Quality is given for a PNG, which has none.", "Name a .jpg file.");
        }
    });

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var given = PageId;
        var isPage = given is not null || session.PageId is not null || FullPage || MyInvocation.BoundParameters.ContainsKey(nameof(Quality));
        if (_isTaken)
        {
            Report(AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The file '{Path}' takes one screenshot, and that of session '{session}' is a further one.",
                "Give each page or session its own file, for example with ForEach-Object.", Path), session);
            return null;
        }
        if (!ShouldProcess($"file '{_path}'", $"Save a screenshot of session '{session}'"))
        {
            return null;
        }
        _isTaken = true;
        return async (service, token) =>
        {
            var picture = (isPage || session.IsBrowser ? null : await DesktopAsync(service, session, token).ConfigureAwait(false))
                ?? await PageAsync(service, session, given, token).ConfigureAwait(false);
            Emit(await LocalFile.WriteAsync(_path, picture.Bytes, token).ConfigureAwait(false));
        };
    }

    /// <summary>The whole screen; null for a session without a desktop.</summary>
    private async Task<AgbScreenshot?> DesktopAsync(IAgbService service, AgbSessionReference session, CancellationToken token)
    {
        try
        {
            return await CallAsync(
                service, $"take a screenshot of session '{session}'", () => Desktops(service).TakeScreenshotAsync(session.Id, _format, token)).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.NotSupported && CallTrace.Inner(service) is IBrowserService)
        {
            return null;
        }
    }

    private async Task<AgbScreenshot> PageAsync(IAgbService service, AgbSessionReference session, string? given, CancellationToken token)
    {
        AgbScreenshot? taken = null;
        var wanted = new PagePicture { Format = _format, Quality = Quality, FullPage = FullPage };
        await CallAsync(service, $"take a screenshot of a page of session '{session}'", () => OnPagesAsync(
            service, session,
            async pages =>
            {
                var page = await FrontAsync(pages, session, given, token).ConfigureAwait(false);
                taken = await pages.TakeScreenshotAsync(page, wanted, token).ConfigureAwait(false);
            },
            token)).ConfigureAwait(false);
        return taken!;
    }
}
