namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbImage</c>: lists the images for sessions.</summary>
[Cmdlet(VerbsCommon.Get, "AgbImage")]
[OutputType(typeof(AgbImage))]
public sealed class GetAgbImageCommand : AgbServiceCmdlet
{
    /// <summary>The ids, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Image ids; wildcards are allowed.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageCompleter))]
    public string[]? ImageId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var known = KnownService();
        foreach (var pattern in ImageId ?? ["*"])
        {
            RunItem(pattern, async token =>
            {
                var service = Open(known);
                var images = await CallAsync(service, "list images", () => service.ListImagesAsync(token)).ConfigureAwait(false);
                var name = new NamePattern(pattern);
                var found = name.Select(images, i => i.ImageId);
                if (found.Count == 0 && !name.HasWildcards)
                {
                    throw AgbErrors.ImageNotFound(pattern, images.Select(i => i.ImageId));
                }
                foreach (var image in found)
                {
                    Emit(ServiceOrigin.With(image, service));
                }
            });
        }
    }
}
