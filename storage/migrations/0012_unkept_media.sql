-- Pictures that are held nowhere but at their provider: there they must not be deleted.
CREATE INDEX media_unkept ON media (channel) WHERE state <> 'kept';
