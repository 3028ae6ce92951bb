namespace Agb.Cloud;

/// <summary>An answer in an envelope.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Envelope">The envelope.</param>
/// <param name="RequestId">The request's id: the service's, else ours.</param>
internal sealed record ApiReply(int Status, Envelope Envelope, string RequestId)
{
    /// <summary>Whether the call succeeded.</summary>
    public bool IsSuccess => Status < 400 && Envelope.Success;
}
