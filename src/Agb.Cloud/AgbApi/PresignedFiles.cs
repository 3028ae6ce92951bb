using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Agb.Cloud;

/// <summary>Reads and writes files by presigned URLs, as streams. No key is sent: the URL is the permission.</summary>
internal sealed class PresignedFiles(ApiClient api)
{
    private const int Piece = 128 * 1024;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="contextId">The context, for errors.</param>
    /// <param name="path">The path, for errors.</param>
    /// <param name="offset">The start in bytes.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    internal async Task<Stream> OpenAsync(Uri url, string contextId, string path, long offset, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        // Compression would change the file's bytes.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
        }
        var (answer, requestId) = await SendAsync(request, null, cancellationToken).ConfigureAwait(false);
        try
        {
            switch ((int)answer.StatusCode)
            {
                case 404:
                    throw CloudErrors.Shown(AgbErrors.FileNotFound(contextId, path), requestId);
                case 416:
                    answer.Dispose();
                    return Stream.Null;
                case 200 or 206:
                    break;
                default:
                    throw Refused(answer, requestId, "read");
            }
            var body = new TimeoutStream(await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), api, requestId);
            // A store without ranges sends the whole file.
            await SkipAsync(body, (int)answer.StatusCode == 200 ? offset : 0, cancellationToken).ConfigureAwait(false);
            return body;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file.</summary>
    internal async Task PutAsync(Uri url, Stream content, CancellationToken cancellationToken)
    {
        if (!content.CanSeek)
        {
            // Object stores need the length first.
            await using var spool = Spool();
            await content.CopyToAsync(spool, Piece, cancellationToken).ConfigureAwait(false);
            spool.Position = 0;
            await PutAsync(url, spool, cancellationToken).ConfigureAwait(false);
            return;
        }
        using var upload = new UploadContent(
            contentType: null, (body, token) => content.CopyToAsync(body, Piece, token), cancellationToken, content.Length - content.Position);
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = upload };
        var (answer, requestId) = await SendAsync(request, upload, cancellationToken).ConfigureAwait(false);
        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                throw Refused(answer, requestId, "written");
            }
        }
    }

    private async Task<(HttpResponseMessage Answer, string RequestId)> SendAsync(
        HttpRequestMessage request, UploadContent? upload, CancellationToken cancellationToken)
    {
        var requestId = ApiClient.NewRequestId();
        var began = api.Time.GetTimestamp();
        int? status = null;
        string? error = null;
        using var deadline = new Deadline(api.Silence, api.Time, cancellationToken);
        upload?.Begin(deadline);
        try
        {
            var answer = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            status = (int)answer.StatusCode;
            return (answer, requestId);
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            error = "no answer in time";
            throw CloudErrors.TimeOver(request.RequestUri!.Host, deadline.Limit, requestId, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            upload?.ThrowOwnFailure();
            error = e.Message;
            throw CloudErrors.NoConnection(request.RequestUri!.Host, requestId, e);
        }
        finally
        {
            api.Report(new AgbWireExchange
            {
                Method = request.Method.Method,
                Address = api.Secrets.Hide(request.RequestUri!, isCall: false),
                RequestId = requestId,
                Status = status,
                Duration = api.Time.GetElapsedTime(began),
                Error = error,
            });
        }
    }

    private static AgbServiceException Refused(HttpResponseMessage answer, string requestId, string done) => new(
        AgbErrorIds.ServiceRefused, AgbErrorKind.Failed,
        $"The file can't be {done}: the store '{answer.RequestMessage?.RequestUri?.Host}' answered with HTTP status {(int)answer.StatusCode}.",
        "Try again; the permission to do it is good for a limited time.")
    {
        RequestId = requestId,
        HttpStatus = (int)answer.StatusCode,
    };

    private static async Task SkipAsync(Stream stream, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(Piece, count)];
        while (count > 0 && await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            count -= read;
        }
    }

    // The file is unlinked once it is open, and so goes with the process in any case; on Windows the system deletes it at the end
    // of the process.
    private static FileStream Spool()
    {
        var path = Path.Combine(Path.GetTempPath(), "agb-" + Guid.NewGuid().ToString("n"));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (OperatingSystem.IsWindows())
        {
            options.Options |= FileOptions.DeleteOnClose;
            return new FileStream(path, options);
        }
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }
}
